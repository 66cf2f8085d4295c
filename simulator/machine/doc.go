// Package machine lets one log in to the rented machines of a simulator, which
// are fake: an SSH server a running Linux instance, on a port of its own of
// 127.0.0.1, and behind it a shell in which every command is our own. So a
// machine that runs can be told from one that can be reached.
//
// A world changes by time without anybody looking. Here, too, nothing watches
// it: a door (the port of a running machine) is opened when the API first shows
// where it is, and looks at the world whenever it matters, at every connection,
// key and command. A machine that does not answer yet, as one that boots or that
// a fault holds back, closes the connection before the banner; a clock that moves
// when it is looked at takes that for a look. A door is closed with its
// connections once its machine is found stopped or gone, and when the sandbox is
// reset or deleted; a connection on which nothing happens lasts until then. A
// machine that is started again gets another port, and so does every machine when
// the simulator is.
//
// The shell is mvdan.cc/sh's parser and expansion with an evaluator on top, of
// which a program can do only what shell.go names. The interpreter that comes
// with the library is not used: it makes pipes of the host, looks for commands
// and scripts in the host's folders and bounds neither memory nor recursion.
// There is no host process, host file or host environment behind a command, and
// what a program may take of time, memory and output is bounded (see [Limits]).
//
// What is missing: SFTP and scp, port and agent forwarding, functions, arrays,
// background jobs and brace expansion in the shell, and any command that is not
// in commands.go. Files are in memory, last as long as the instance does and are
// in no snapshot.
package machine
