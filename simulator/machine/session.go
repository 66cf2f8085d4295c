package machine

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/term"
)

// session is what one channel of a connection is used for: one command, or a
// shell.
type session struct {
	door    *door
	channel ssh.Channel
	hangUp  func() error // closes the whole connection

	terminal *term.Terminal // nil unless the client asked for one
	ending   sync.Once
}

// serve answers what a client asks of a session, until the channel is closed.
func (s *session) serve(requests <-chan *ssh.Request) {
	defer s.channel.Close()
	ctx, cancel := context.WithCancel(s.door.ctx)
	defer cancel()
	started := false
	for request := range requests {
		ok, start := false, (func())(nil)
		switch request.Type {
		case "pty-req":
			var size struct {
				Term                         string
				Columns, Rows, Width, Height uint32
				Modes                        string
			}
			if ok = !started && ssh.Unmarshal(request.Payload, &size) == nil; ok {
				s.terminal = term.NewTerminal(s.channel, "")
				s.resize(size.Columns, size.Rows)
			}
		case "window-change":
			var size struct{ Columns, Rows, Width, Height uint32 }
			if ok = s.terminal != nil && ssh.Unmarshal(request.Payload, &size) == nil; ok {
				s.resize(size.Columns, size.Rows)
			}
		case "shell", "exec":
			var command struct{ Text string }
			ok = !started && (request.Type == "shell" || ssh.Unmarshal(request.Payload, &command) == nil)
			if ok {
				started = true
				start = func() { s.run(ctx, request.Type == "shell", command.Text) }
			}
		}
		if request.WantReply {
			_ = request.Reply(ok, nil)
		}
		if start != nil { // after the reply, as its end may close the channel
			s.door.site.machines.work.Go(start)
		}
	}
}

// resize sets the size of the terminal; 0 stands for the usual one.
func (s *session) resize(columns, rows uint32) {
	const most = 1000
	_ = s.terminal.SetSize(int(min(cmp.Or(columns, 80), most)), int(min(cmp.Or(rows, 24), most))) // what fails is drawing
}

// run carries out a command or a shell and tells the client how it ended.
func (s *session) run(ctx context.Context, shell bool, text string) {
	status := internalError
	defer func() {
		if problem := recover(); problem != nil {
			s.door.site.machines.log.Error("a simulated machine's program failed", "instance", s.door.id, "command", text, "problem", problem)
			fmt.Fprintln(s.channel.Stderr(), "bash: the simulated machine cannot do that")
		}
		s.end(status)
	}()
	std := streams{in: s.channel, out: s.channel, err: s.channel.Stderr()}
	if s.terminal != nil {
		std.out, std.err = s.terminal, s.terminal
	}
	if shell {
		status = s.shell(ctx, std)
		return
	}
	status, _ = s.program(ctx, newShell(s.door), text, std)
}

// internalError is the exit status of a program that our own error ended,
// timedOut that of one that ran for too long.
const (
	internalError = 255
	timedOut      = 124
)

// end sends the exit status and closes the channel, once.
func (s *session) end(status int) {
	s.ending.Do(func() {
		_, _ = s.channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{uint32(status)})) // the client may have gone
		_ = s.channel.Close()
	})
}

// program runs a text in a shell, within limits. The answer is true when the
// shell is to be left.
func (s *session) program(ctx context.Context, sh *shell, text string, std streams) (status int, left bool) {
	m := s.door.site.machines
	ctx, cancel := context.WithTimeout(ctx, m.limits.Time)
	defer cancel()
	select {
	case m.programs <- struct{}{}:
		defer func() { <-m.programs }()
	case <-ctx.Done():
	}
	// One that waits for its client is cut off from it, gently at first.
	done := make(chan struct{})
	defer close(done)
	defer context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			fmt.Fprintln(s.channel.Stderr(), "bash: the simulated machine's time limit is reached")
		}
		s.end(timedOut)
		select {
		case <-done:
		case <-time.After(partingTime):
			_ = s.hangUp()
		}
	})()
	now, up := s.door.look()
	if !up {
		_ = s.hangUp()
		return internalError, true
	}
	status, left = sh.run(newBudget(ctx, m.limits), now, text, std)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return timedOut, true
	}
	return status, left
}

// shell runs one line after another, until the client leaves.
func (s *session) shell(ctx context.Context, std streams) (status int) {
	sh := newShell(s.door)
	read := s.lines(&std)
	for pending := ""; ; {
		if s.terminal != nil {
			s.prompt(sh, pending != "")
		}
		line, err := read()
		if err != nil && line == "" {
			return sh.status
		}
		pending += line + "\n"
		if incomplete(pending) && len(pending) <= maxSource && err == nil {
			continue
		}
		text := pending
		pending = ""
		if status, left := s.program(ctx, sh, text, std); left || err != nil {
			return status
		}
	}
}

func (s *session) prompt(sh *shell, more bool) {
	if more {
		s.terminal.SetPrompt("> ")
		return
	}
	now, _ := s.door.look()
	s.terminal.SetPrompt(fmt.Sprintf("root@%s:%s# ", now.hostname(), sh.tilde()))
}

// lines reads what is typed. What a program reads is, without a terminal, what
// follows; with one there is nothing to read, as the terminal keeps it.
func (s *session) lines(std *streams) func() (string, error) {
	if s.terminal != nil {
		std.in = nothing{}
		return s.terminal.ReadLine
	}
	input := bufio.NewReaderSize(s.channel, maxSource)
	std.in = input
	return func() (string, error) {
		line, err := input.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return "", errors.New("the line is too long")
		}
		if n := len(line); n > 0 && line[n-1] == '\n' {
			line = line[:n-1]
		}
		return string(line), err
	}
}

// nothing is an input that has ended.
type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, io.EOF }
