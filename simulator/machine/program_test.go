package machine_test

import (
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/machine"
)

func TestNvidiaSMIShowsTheRentedGPUs(t *testing.T) {
	t.Parallel()
	_, _, client := inside(t)
	table := run(t, client, "nvidia-smi")
	if strings.Count(table.out, "NVIDIA GeForce RTX 4090") != 2 || strings.Count(table.out, "24576MiB") != 2 || !strings.Contains(table.out, "CUDA Version: 12.8") {
		t.Errorf("the table is\n%s", table.out)
	}
	for i, line := range strings.Split(strings.TrimSpace(table.out), "\n")[1:] {
		if n := len([]rune(line)); n != 91 && n != 0 {
			t.Errorf("line %d of the table is %d wide: %s", i+1, n, line)
		}
	}
	list := run(t, client, "nvidia-smi -L")
	if !regexp.MustCompile(`^GPU 0: NVIDIA GeForce RTX 4090 \(UUID: GPU-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\)\nGPU 1: .*\n$`).MatchString(list.out) {
		t.Errorf("the list is\n%s", list.out)
	}
	for command, want := range map[string]string{
		"nvidia-smi --query-gpu=index,name,memory.total --format=csv":             "index, name, memory.total [MiB]\n0, NVIDIA GeForce RTX 4090, 24576 MiB\n1, NVIDIA GeForce RTX 4090, 24576 MiB\n",
		"nvidia-smi --query-gpu=memory.total,count --format=csv,noheader":         "24576 MiB, 2\n24576 MiB, 2\n",
		"nvidia-smi -i 1 --query-gpu=index --format=csv,noheader":                 "1\n",
		"nvidia-smi --id=1 --query-gpu=memory.free --format=csv,noheader,nounits": "24575\n",
	} {
		if r := run(t, client, command); r.out != want || r.status != 0 {
			t.Errorf("%s: %+v", command, r)
		}
	}
	for command, status := range map[string]int{
		"nvidia-smi --query-gpu=beauty --format=csv": 2,
		"nvidia-smi --query-gpu=name":                1,
		"nvidia-smi -i 2":                            6,
		"nvidia-smi -q":                              1,
	} {
		if r := run(t, client, command); r.status != status || r.out == "" {
			t.Errorf("%s: %+v", command, r)
		}
	}
}

func TestCommandsSayWhatTheMachineIs(t *testing.T) {
	t.Parallel()
	g, _, client := inside(t)
	for command, want := range map[string]string{
		"hostname": "trainer-1\n", "cat /etc/hostname": "trainer-1\n", "whoami": "root\n", "id -u": "0\n",
		"id": "uid=0(root) gid=0(root) groups=0(root)\n", "uname": "Linux\n", "uname -sm": "Linux x86_64\n", "nproc": "32\n",
		"pwd": "/root\n", "echo ~": "/root\n", "echo $HOME $USER $UID $HOSTNAME": "/root root 0 trainer-1\n",
		"date -u +%Y-%m-%dT%H:%M": "2026-01-01T01:00\n", "date +%s": "1767229200\n",
		"uptime -s": "2026-01-01 00:00:",
		"free -g":   "128",
		"df -h /":   "100.0G",
		"ls /":      "bin\ndev\netc\n",
		"env":       "HOME=/root\n",
		"grep -c ssh-ed25519 .ssh/authorized_keys": "1\n",
		"/usr/bin/nvidia-smi -L | wc -l":           "2\n",
		"command -v nvidia-smi":                    "/usr/bin/nvidia-smi\n",
	} {
		if r := run(t, client, command); !strings.Contains(r.out, want) || r.status != 0 || r.err != "" {
			t.Errorf("%s: %+v, want %q", command, r, want)
		}
	}
	g.Advance(time.Minute)
	if r := run(t, client, "date +%s"); r.out != "1767229260\n" {
		t.Errorf("a minute later it is %+v", r)
	}
}

func TestTheShell(t *testing.T) {
	t.Parallel()
	_, _, client := inside(t)
	for text, want := range map[string]result{
		"true":                         {},
		"false":                        {status: 1},
		"exit 7":                       {status: 7},
		"python3 -c 'print(1)'":        {err: "bash: python3: command not found\n", status: 127},
		"echo out; echo err >&2":       {out: "out\n", err: "err\n"},
		"x=1; y=$x$x; echo \"$y\"":     {out: "11\n"},
		"A=b env | grep ^A=; echo $A-": {out: "A=b\n-\n"},
		"export A=b; sh -c 'echo $A $0 $1' zero one":      {out: "b zero one\n"},
		"A=b; sh -c 'echo -$A'":                           {out: "-\n"},
		"echo $(echo a; false) $?":                        {out: "a 1\n"},
		"x=$(false) || echo no":                           {out: "no\n"},
		"false; x=$?; echo $x":                            {out: "1\n"},
		"echo $((6*7)) ${none:-z}":                        {out: "42 z\n"},
		"! false && echo yes":                             {out: "yes\n"},
		"true | false":                                    {status: 1},
		"false | true":                                    {},
		"set -o pipefail; false | true":                   {status: 1},
		"set -e; false; echo no":                          {status: 1},
		"set -e; if false; then :; fi; false || echo yes": {out: "yes\n"},
		"set -u; echo $none; echo no":                     {err: "bash: none: unbound variable\n", status: 1},
		"set -euo pipefail\necho a\nfalse | true\necho b": {out: "a\n", status: 1},
		"for i in a b c; do if [ $i = b ]; then continue; fi; echo $i; done":        {out: "a\nc\n"},
		"for i in 1 2; do for j in 1 2; do break 2; done; echo no; done; echo $i$j": {out: "11\n"},
		"i=0; while [ $i -lt 3 ]; do i=$((i+1)); done; echo $i":                     {out: "3\n"},
		"until nvidia-smi -L; do sleep 1; done | head -n 1 | wc -l":                 {out: "1\n"},
		"case abc in x) echo x;; a*) echo a;; esac":                                 {out: "a\n"},
		"(cd /tmp; pwd); pwd": {out: "/tmp\n/root\n"},
		"cd /nowhere":         {err: "cd: /nowhere: No such file or directory\n", status: 1},
		"cat <<E\n$HOME\nE":   {out: "/root\n"},
		"cat <<< here":        {out: "here\n"},
		"test -d /root -a ! -e /no && [ -f /etc/hostname ]":        {},
		"[ 1 -gt 2 ] || [ -z x ]":                                  {status: 1},
		"printf '%s-%03d\\n' a 1 b 2":                              {out: "a-001\nb-002\n"},
		"printf 'a b\\nc d\\n' | while read x y; do echo $y; done": {out: "b\nd\n"},
		"echo /e*/host*":                                           {out: "/etc/hostname\n"},
		"mkdir -p d/e; echo hi > d/e/f; echo ho >> d/e/f; cat d/e/f; ls d; rm -r d; ls d": {
			out: "hi\nho\ne\n", err: "ls: cannot access 'd': No such file or directory\n", status: 2,
		},
		"echo x > /etc/hostname": {err: "bash: /etc/hostname: Read-only file system\n", status: 1},
		"echo x > /no/file":      {err: "bash: /no/file: No such file or directory\n", status: 1},
		"cat /root":              {err: "cat: /root: Is a directory\n", status: 1},
		"echo x 2>/dev/null >/dev/null; cat /dev/null": {},
		"if":         {err: "bash: syntax error: 1:1: `if` must be followed by a statement list\n", status: 2},
		"f() { :; }": {err: "bash: line 1: function: the simulated machine's shell does not have this\n", status: 2},
	} {
		if r := run(t, client, text); r != want {
			t.Errorf("%s\n got %+v\nwant %+v", text, r, want)
		}
	}
	if r := run(t, client, "cat - /etc/hostname; wc -c", "typed\n"); r.out != "typed\ntrainer-1\n0\n" {
		t.Errorf("the input gives %+v", r)
	}
	if r := run(t, client, "", "x=1\nfor i in a b; do\necho $i$x\ndone\ncd /tmp\npwd\nread y\nline\necho $y\nexit 3\necho no\n"); r.out != "a1\nb1\n/tmp\nline\n" || r.status != 3 {
		t.Errorf("a shell that is fed gives %+v", r)
	}
	if r := run(t, client, "sh", "echo a\nfalse\n"); r.out != "a\n" || r.status != 1 {
		t.Errorf("a shell in a shell gives %+v", r)
	}
}

func TestAShellWithATerminal(t *testing.T) {
	t.Parallel()
	_, _, client := inside(t)
	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	if err := session.RequestPty("xterm", 40, 120, ssh.TerminalModes{}); err != nil {
		t.Fatal(err)
	}
	in, _ := session.StdinPipe()
	out, _ := session.StdoutPipe()
	if err := session.Shell(); err != nil {
		t.Fatal(err)
	}
	if err := session.WindowChange(50, 100); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(in, "cd /tmp\rwhoami\rexit 5\r")
	screen, _ := io.ReadAll(out)
	if err := session.Wait(); err == nil || err.(*ssh.ExitError).ExitStatus() != 5 {
		t.Errorf("it ends with %v", err)
	}
	for _, want := range []string{"root@trainer-1:~# ", "root@trainer-1:/tmp# ", "whoami\r\nroot\r\n"} {
		if !strings.Contains(string(screen), want) {
			t.Errorf("the screen has no %q: %q", want, screen)
		}
	}
}

func TestSFTPIsRefused(t *testing.T) {
	t.Parallel()
	_, _, client := inside(t)
	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	if session.RequestSubsystem("sftp") == nil {
		t.Error("there is SFTP")
	}
}

// Nothing of the machine that the simulator runs on is to be had.
func TestNothingOfTheHostGetsOut(t *testing.T) {
	t.Parallel()
	_, _, client := inside(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("host-secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	host, _ := os.Hostname()
	working, _ := os.Getwd()
	// Whose home is not /root on this host and exists: daemon has one everywhere.
	for _, text := range []string{
		"cat " + dir + "/secret", "cat < " + dir + "/secret", "echo " + dir + "/*", "ls " + dir, ". " + dir + "/secret", "source " + dir + "/secret",
		"sh " + dir + "/secret", dir + "/secret", "cd " + dir + " && echo in", "[ -e " + dir + "/secret ] && echo there", "test -d " + dir + " && echo there",
		"type go", "command -v go", "which ls go git sh-not-here", "type -p git", "hash -r", "builtin eval 'cat " + dir + "/secret'", "eval cat " + dir + "/secret",
		"exec cat " + dir + "/secret", "command cat " + dir + "/secret", "env cat " + dir + "/secret", "bash -c 'cat " + dir + "/secret'",
		"cat <(echo x)", "cat < /proc/self/environ", "cat /proc/self/environ /proc/1/cmdline /etc/passwd", "ls -la / /proc /tmp /etc",
		"echo x > /tmp/sh-interp-x; echo x > " + dir + "/written", "mkdir " + dir + "/made", "rm -r " + dir,
		"echo ~daemon ~root ~" + me.Username, "echo $$ $PPID $BASHPID $((PPID))", "echo $UID $EUID $GID", "env", "export", "printenv", "echo $PATH $PWD $TMPDIR $SHELL",
		"a=PPID; echo $((a)) ${a}", "pwd -P", "times", "ulimit -a", "trap 'cat " + dir + "/secret' EXIT", "help", "umask", "jobs", "history", "kill -9 1",
		"uname -a", "hostname", "id", "whoami", "nproc", "free", "df", "uptime", "coproc cat", "cat " + dir + "/secret &",
		"ssh localhost", "curl file://" + dir + "/secret", "python3 -c 'open(1)'", "cat ../../../../../" + dir + "/secret", "cat //" + dir + "//secret",
	} {
		r := run(t, client, text)
		for _, secret := range []string{"host-secret", strconv.Itoa(os.Getpid()), strconv.Itoa(os.Getppid()), working, runtimePath(t)} {
			if strings.Contains(r.out+r.err, secret) {
				t.Errorf("%s shows %q: %+v", text, secret, r)
			}
		}
		for _, secret := range []string{"there\n", "in\n", "/usr/sbin\n"} {
			if r.out == secret {
				t.Errorf("%s shows the host's files: %+v", text, r)
			}
		}
		if len(host) > 3 && strings.Contains(r.out, host) {
			t.Errorf("%s shows the host's name: %+v", text, r)
		}
	}
	if r := run(t, client, "echo ~daemon ~"+"root"); r.out != "~daemon /root\n" {
		t.Errorf("users are looked up: %+v", r)
	}
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 1 {
		t.Errorf("the host's folder has %v (%v)", list, err)
	}
	if _, err := os.Stat("/tmp/sh-interp-x"); err == nil {
		t.Error("a file of the host was written")
	}
}

// runtimePath is a folder of the host's PATH that a simulated machine has not.
func runtimePath(t *testing.T) string {
	t.Helper()
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if strings.Contains(dir, "go") {
			return dir
		}
	}
	return "\x00"
}

// Whatever is tried, the program ends and the next one works.
func TestProgramsAreBounded(t *testing.T) {
	t.Parallel()
	_, _, client := inside(t)
	double := "a=0123456789; " + strings.Repeat("a=$a$a; ", 40)
	for text, want := range map[string]string{
		"while true; do :; done":     "limit of commands",
		"until false; do true; done": "limit of commands",
		"while true; do echo 0123456789012345678901234567890123456789012345678901234567890123456789; done": "limit of ",
		double: "bytes in a variable",
		"for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do a=${a:-x}$a$a; done":                                         "bytes in a variable",
		"a=$(cat /etc/os-release); " + strings.Repeat("b=$b$a; ", 20) + strings.Repeat("echo "+strings.Repeat("$b", 400)+"; ", 15): "limit of data",
		"echo {1..1000000000}":                       "brace expansion",
		"echo " + strings.Repeat("{a,b}", 40):        "brace expansion",
		"echo " + strings.Repeat("/*/..", 60) + "/*": "limit of data",
		"printf '%999999999d' 1":                     "does not have this",
		"printf \"%s\\n\" " + strings.Repeat("x ", 5000) + " >/dev/null; while printf x; do printf x; done": "limit of",
		strings.Repeat("sh -c '", 1) + strings.Repeat("$(", 40) + "echo" + strings.Repeat(")", 40) + "'":    "too many shells in shells",
		strings.Repeat("(", 5000) + ":" + strings.Repeat(")", 5000):                                         "",
		"echo " + strings.Repeat("$(", 4000) + "echo" + strings.Repeat(")", 4000):                           "",
		"x=" + strings.Repeat("x", 20000):                                                                   "programs of at most",
		"a[1000000000]=x":                                                                                   "array",
		"f() { f; }; f":                                                                                     "function",
		"echo ${HOME//o/oooo}":                                                                              "${}",
		"while sleep 0; do cat /etc/os-release; done > f":                                                   "",
		"while mkdir $i$i$i$i; do i=x$i; done":                                                              "",
		"cat f f f f > g; cat g g g g g g g g > h":                                                          "",
		"i=0; while echo > /tmp/f$i; do i=$((i+1)); done":                                                   "",
		"[ " + strings.Repeat("! ", 100) + "a ]":                                                            "nested too deeply",
		"echo $((1/0)) $((1%0)) $((-9223372036854775808/-1)) $((1<<-1)) $((2**-1))":                         "",
		"grep '(((' /etc/hostname":                                                                          "not a pattern",
		"case x in " + strings.Repeat("[", 3000) + ") ;; esac":                                              "",
		"echo ${#} ${@} $* ${1} ${!x} ":                                                                     "${}",
		"echo \x00 \xff $'\\xff'":                                                                           "",
	} {
		r := run(t, client, text)
		if !strings.Contains(r.err, want) {
			t.Errorf("%.80s\n says %.200q, want %q", text, r.err, want)
		}
		if len(r.out) > 4<<20 {
			t.Errorf("%.80s prints %d bytes", text, len(r.out))
		}
		if alive := run(t, client, "echo alive"); alive.out != "alive\n" {
			t.Fatalf("after %.80s: %+v", text, alive)
		}
	}
	if r := run(t, client, "cat > f", strings.Repeat("x", 1<<20)); r.status == 0 || !strings.Contains(r.err, "No space left on device") {
		t.Errorf("a file that is too large: %+v", r)
	}
}

func TestATimeLimitEndsWhatWaits(t *testing.T) {
	t.Parallel()
	sandboxes, machines := standAlone(t, machine.Limits{Time: 50 * time.Millisecond, Programs: 1})
	sandbox, signer, id := tenant(t, sandboxes)
	port, _, _ := machines.Login(sandbox, id)
	client := mustDial(t, port, signer)
	for _, command := range []string{"cat", "sleep 100", "read x"} {
		session, err := client.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := session.StdinPipe(); err != nil { // which never ends
			t.Fatal(err)
		}
		err = session.Run(command)
		if exit, ok := err.(*ssh.ExitError); !ok || exit.ExitStatus() != 124 {
			t.Errorf("%s ends with %v", command, err)
		}
		session.Close()
	}
	if r := run(t, client, "echo alive"); r.out != "alive\n" {
		t.Errorf("then: %+v", r)
	}
}
