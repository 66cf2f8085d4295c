package main

import "math"

// maxOpenFiles is how many files and connections this process may have open:
// Windows has no limit of that kind.
func maxOpenFiles() int { return math.MaxInt32 }
