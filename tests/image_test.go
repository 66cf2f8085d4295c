package tests

import (
	"bufio"
	"bytes"
	"debug/elf"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// There is no Docker here. What an image of nothing but the simulator rests on is
// tested without: its build command makes a binary that needs no library, and that
// runs as nobody with what compose.yaml sets.
func TestTheImageOfTheSimulator(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the image is for Linux")
	}
	dockerfile, err := os.ReadFile("../simulator/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	build := regexp.MustCompile(`(?m)^RUN (CGO_ENABLED=0 go build .* -o )/out/pictor-sim (\S+)$`).FindSubmatch(dockerfile)
	if build == nil {
		t.Fatal("the Dockerfile builds no pictor-sim without C")
	}
	dir, err := os.MkdirTemp("", "pictor-image-") // t.TempDir is closed to nobody
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	binary := filepath.Join(dir, "pictor-sim")
	if err := command(buildContext(t, string(dockerfile)), "sh", "-c", string(build[1])+binary+" "+string(build[2])); err != nil {
		t.Fatal(err)
	}
	file, err := elf.Open(binary)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if libraries, _ := file.ImportedLibraries(); len(libraries) > 0 || file.Section(".interp") != nil {
		t.Errorf("the binary needs %v, and the image has nothing", libraries)
	}
	for _, want := range []string{"FROM scratch", "USER 65532:65532", `ENTRYPOINT ["/pictor-sim"]`, `CMD ["serve"]`, "ENV PICTOR_SIM_ADDR=0.0.0.0:8420"} {
		if !strings.Contains(string(dockerfile), want+"\n") {
			t.Errorf("the Dockerfile lacks %q", want)
		}
	}
	runAsNobody(t, binary, dir, composeEnvironment(t))
}

// buildContext is the folder that the Dockerfile builds in: what it copies, and nothing else.
func buildContext(t *testing.T, dockerfile string) string {
	t.Helper()
	dir := t.TempDir()
	stage, _, _ := strings.Cut(dockerfile, "FROM scratch")
	for _, line := range regexp.MustCompile(`(?m)^COPY (.+) (\S+)$`).FindAllStringSubmatch(stage, -1) {
		for source := range strings.FieldsSeq(line[1]) {
			from, to := filepath.Join("..", source), filepath.Join(dir, line[2])
			info, err := os.Stat(from)
			switch {
			case err != nil:
				t.Fatal(err)
			case info.IsDir():
				err = os.CopyFS(to, os.DirFS(from))
			default:
				var content []byte
				if content, err = os.ReadFile(from); err == nil {
					err = os.WriteFile(filepath.Join(to, source), content, 0o600)
				}
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	minor := find(t, "../go.mod", `(?m)^go (\d+\.\d+)`)
	if !strings.HasPrefix(dockerfile[strings.Index(dockerfile, "FROM "):], "FROM golang:"+minor+" AS build\n") {
		t.Errorf("the Dockerfile does not build with Go %s, which go.mod wants", minor)
	}
	return dir
}

// composeEnvironment is what compose.yaml sets, with the defaults of its variables.
func composeEnvironment(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../simulator/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var compose struct {
		Services map[string]struct {
			Build          struct{ Context, Dockerfile string }
			Ports, Volumes []string
			Environment    map[string]string
			ReadOnly       bool     `yaml:"read_only"`
			CapDrop        []string `yaml:"cap_drop"`
			SecurityOpt    []string `yaml:"security_opt"`
			Restart        string
		}
		Volumes map[string]struct{}
	}
	strict := yaml.NewDecoder(bytes.NewReader(text))
	strict.KnownFields(true) // a misspelt one would be no more than a wish
	if err := strict.Decode(&compose); err != nil {
		t.Fatal(err)
	}
	service := compose.Services["pictor-sim"]
	if !service.ReadOnly || !slices.Equal(service.CapDrop, []string{"ALL"}) || !slices.Equal(service.Ports, []string{"127.0.0.1:8420:8420"}) {
		t.Errorf("the service may more, or is open to more, than it needs: %+v", service)
	}
	name, folder, _ := strings.Cut(service.Volumes[0], ":")
	if _, ok := compose.Volumes[name]; !ok || !strings.HasPrefix(service.Environment["PICTOR_SIM_DATA"], folder+"/") {
		t.Errorf("the data is in no volume: %+v", service)
	}
	if _, err := os.Stat(filepath.Join("../simulator", service.Build.Context, service.Build.Dockerfile)); err != nil {
		t.Error(err)
	}
	for name, value := range service.Environment {
		service.Environment[name] = regexp.MustCompile(`\$\{\w+:-([^}]*)\}`).ReplaceAllString(value, "$1")
	}
	return service.Environment
}

// runAsNobody starts the simulator as the image does, and asks it something.
func runAsNobody(t *testing.T, binary, dir string, environment map[string]string) {
	t.Helper()
	const nobody = 65532
	cmd := exec.CommandContext(t.Context(), binary, "serve")
	cmd.Dir = dir
	for name, value := range environment {
		cmd.Env = append(cmd.Env, name+"="+strings.Replace(value, "/data/", dir+"/data/", 1))
	}
	cmd.Env = append(cmd.Env, "PICTOR_SIM_ADDR=127.0.0.1:0")
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(data, nobody, nobody); err != nil {
			t.Fatal(err)
		}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	var problems strings.Builder
	cmd.Stderr = &problems
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = time.Minute
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the simulator ends with %v\n%s", err, problems.String())
		}
	}()
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if endpoint := regexp.MustCompile(`PICTOR_ENDPOINT=(\S+)`).FindStringSubmatch(lines.Text()); endpoint != nil {
			ask(t, endpoint[1], environment["PICTOR_SIM_API_KEY"])
			return
		}
	}
	t.Error("the simulator names no endpoint")
}

func ask(t *testing.T, endpoint, key string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, endpoint+"/account", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("the account is answered %s with the key of compose.yaml", answer.Status)
	}
}
