package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// Check refuses, at preview and on the property at fault, what Pictor would
// refuse, and chooses the name: it then stands in the checkpoint before anything
// is paid.
func (*Instance) Check(ctx context.Context, req infer.CheckRequest) (infer.CheckResponse[InstanceArgs], error) {
	args, failures, err := infer.DefaultCheck[InstanceArgs](ctx, req.NewInputs)
	if err != nil || len(failures) > 0 {
		return infer.CheckResponse[InstanceArgs]{Inputs: args, Failures: failures}, err
	}
	args.Name = checkedName(inGroup(req, args.Group), args.Name)
	args.WindowsPassword = checkedPassword(req, args)
	c := checker{inputs: req.NewInputs}
	c.name(args.Name)
	c.instance(args)
	c.group(req, args)
	return infer.CheckResponse[InstanceArgs]{Inputs: args, Failures: c.failures}, nil
}

// checkedName is the name that the program gives, else the one that the
// resource has, else a new one.
func checkedName(req infer.CheckRequest, given *string) *string {
	if given != nil || req.NewInputs.Get("name").HasComputed() {
		return given
	}
	if old, ok := req.OldInputs.GetOk("name"); ok && old.IsString() {
		return new(old.AsString())
	}
	return new(automaticName(req.Name))
}

// checker collects what is wrong with inputs. Unknown ones, which reach us as
// zeros, are not judged.
type checker struct {
	inputs   property.Map
	failures []p.CheckFailure
}

func (c *checker) fail(key, format string, args ...any) {
	if !c.inputs.Get(key).HasComputed() {
		c.failures = append(c.failures, p.CheckFailure{Property: key, Reason: fmt.Sprintf(format, args...)})
	}
}

func (c *checker) between(key string, n, low, high int) {
	if n < low || n > high {
		c.fail(key, "must be %d to %d, not %d", low, high, n)
	}
}

func (c *checker) name(name *string) {
	if n := value(name); len(n) > maxName || !namePattern.MatchString(n) {
		c.fail("name", "%q must have 1 to %d letters, digits, spaces, dots, underscores or hyphens, begin with a letter or digit and not end with a space", n, maxName)
	}
}

// The bounds are the contract's.
func (c *checker) instance(args InstanceArgs) {
	os := value(args.OS)
	if os != string(pictor.Linux) && os != string(pictor.Windows) {
		c.fail("os", "must be \"linux\" or \"windows\", not %q", os)
	}
	c.between("gpuCount", value(args.GPUCount), 1, 16)
	c.between("storageGb", value(args.StorageGB), 10, 65536)
	c.between("rentalHours", args.RentalHours, 1, 8760)
	c.between("extensionHours", value(args.ExtensionHours), 0, 8760)
	if args.Country != nil && !isCountry(*args.Country) {
		c.fail("country", "must be a country code of two letters, such as \"DE\", not %q", *args.Country)
	}
	c.given("gpuModel", args.GPUModel)
	c.given("offerId", args.OfferID)
	c.price("maxPricePerHour", "", args.MaxPricePerHour)
	c.models(args)
	if args.CapacityWait != nil {
		if d, err := time.ParseDuration(*args.CapacityWait); err != nil || d < 0 {
			c.fail("capacityWait", "must be a duration such as \"30m\" or \"2h\", not %q", *args.CapacityWait)
		}
	}
	if s := value(args.DesiredStatus); s != string(pictor.StatusRunning) && s != string(pictor.StatusStopped) {
		c.fail("desiredStatus", "must be \"running\" or \"stopped\", not %q", s)
	}
	c.waitFor(value(args.WaitFor), os)
	for i, id := range args.SSHKeyIDs {
		if slices.Contains(args.SSHKeyIDs[:i], id) && !c.inputs.Get("sshKeyIds").HasComputed() {
			c.fail("sshKeyIds", "names %q twice", id)
		}
	}
	c.login(args, os)
}

// given refuses an empty text where leaving the input out means any.
func (c *checker) given(key string, text *string) {
	if text != nil && strings.TrimSpace(*text) == "" {
		c.fail(key, "is empty: leave it out if any will do")
	}
}

// models checks the GPU models that will do. Which there are only the market tells.
func (c *checker) models(args InstanceArgs) {
	if list := c.inputs.Get("gpuModels"); !list.IsArray() || list.HasComputed() {
		return
	}
	if len(args.GPUModels) == 0 {
		c.fail("gpuModels", "names no model: leave it out if any will do")
	}
	if args.GPUModel != nil && !c.inputs.Get("gpuModel").HasComputed() {
		c.fail("gpuModels", "excludes gpuModel: write one of the two")
	}
	for i, model := range args.GPUModels {
		same := func(other string) bool { return strings.EqualFold(model, other) }
		if strings.TrimSpace(model) == "" {
			c.fail("gpuModels", "has an empty name at place %d", i+1)
		} else if slices.ContainsFunc(args.GPUModels[:i], same) {
			c.fail("gpuModels", "names %q twice", model)
		}
	}
}

// login checks that an instance can be logged in to in its system's way.
func (c *checker) login(args InstanceArgs, os string) {
	switch pictor.OS(os) {
	case pictor.Windows:
		if len(args.SSHKeyIDs) > 0 {
			c.fail("sshKeyIds", "are for Linux; Windows takes windowsPassword")
		}
		if args.WindowsPassword != nil && !isWindowsPassword(*args.WindowsPassword) {
			c.fail("windowsPassword", "must have at least 10 characters with an upper-case letter, a lower-case letter, a digit and a symbol")
		}
	case pictor.Linux:
		if args.WindowsPassword != nil {
			c.fail("windowsPassword", "is for Windows; Linux takes sshKeyIds")
		}
	}
}

func (c *checker) waitFor(what, os string) {
	switch {
	case what != "" && what != waitForNone && what != waitForRunning && what != waitForSSH:
		c.fail("waitFor", "must be \"none\", \"running\" or \"ssh\", not %q", what)
	case what == waitForSSH && os == string(pictor.Windows) && !c.inputs.Get("os").HasComputed():
		c.fail("waitFor", "cannot be \"ssh\" with os \"windows\": one logs in to Windows over RDP, and no SSH server ever answers; use \"running\"")
	}
}

func isCountry(s string) bool {
	isLetter := func(b byte) bool { return 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z' }
	return len(s) == 2 && isLetter(s[0]) && isLetter(s[1])
}
