package provider

import (
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// Environment variables that ask for a log of every exchange with the service.
const (
	// logVariable is "debug" for a line each, "trace" for headers and bodies too.
	logVariable = "PICTOR_LOG"
	// logFileVariable is the file that the lines are added to, instead of the
	// standard error, which Pulumi shows only with --logtostderr -v=…
	logFileVariable = "PICTOR_LOG_FILE"
)

// wireLog is the log that the environment asks for, nil if it asks for none. It
// never shows the API key or a password, in whatever spelling.
func wireLog(getenv func(string) string) (*slog.Logger, error) {
	level, err := logLevel(getenv)
	if err != nil || level == nil {
		return nil, err
	}
	var out io.Writer = os.Stderr
	if path := getenv(logFileVariable); path != "" {
		// Open until the process ends, as the standard error is. Several
		// providers of a program write to it, a line at a time.
		file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, fmt.Errorf("the log that %s asks for cannot be opened: %w", logFileVariable, err)
		}
		out = file
	}
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: level})), nil
}

// logLevel is nil when no log is asked for. A file alone asks for lines.
func logLevel(getenv func(string) string) (slog.Leveler, error) {
	switch level := getenv(logVariable); level {
	case "debug":
		return slog.LevelDebug, nil
	case "trace":
		return pictor.LevelTrace, nil
	case "":
		if getenv(logFileVariable) != "" {
			return slog.LevelDebug, nil
		}
		return nil, nil
	default:
		return nil, fmt.Errorf("%s is %q: write \"debug\" for a line for each request, or \"trace\" for headers and bodies too, and in %s the file that they go to",
			logVariable, level, logFileVariable)
	}
}
