// Rent GPU machines from Pictor: instances and SSH keys.
package pictor
