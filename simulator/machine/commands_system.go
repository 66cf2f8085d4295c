package machine

import (
	"fmt"
	"strings"
	"time"
)

// Commands that say what the machine is.

func id(c *call) int {
	given, bad := c.flags("unGg")
	switch {
	case bad != "":
		return c.fail("invalid option %s", bad)
	case given['n']:
		c.printf("root\n")
	case given['u'] || given['g'] || given['G']:
		c.printf("0\n")
	default:
		c.printf("uid=0(root) gid=0(root) groups=0(root)\n")
	}
	return 0
}

func uname(c *call) int {
	given, bad := c.flags("asnrvmpio")
	if bad != "" {
		return c.fail("invalid option %s", bad)
	}
	var parts []string
	for _, part := range []struct {
		flag rune
		text string
	}{
		{'s', "Linux"},
		{'n', c.hostname()},
		{'r', "6.8.0-60-generic"},
		{'v', "#63-Ubuntu SMP PREEMPT_DYNAMIC"},
		{'m', "x86_64"},
		{'o', "GNU/Linux"},
	} {
		if given['a'] || given[part.flag] || len(given) == 0 && part.flag == 's' {
			parts = append(parts, part.text)
		}
	}
	c.printf("%s\n", strings.Join(parts, " "))
	return 0
}

func free(c *call) int {
	given, bad := c.flags("hmgkb")
	if bad != "" {
		return c.fail("invalid option %s", bad)
	}
	const gib = 1 << 30
	total := int64(c.RAMGB) * gib
	used := total / 50
	show := func(n int64) string {
		switch {
		case given['h']:
			return fmt.Sprintf("%.1fGi", float64(n)/gib)
		case given['g']:
			return fmt.Sprint(n / gib)
		case given['m']:
			return fmt.Sprint(n >> 20)
		case given['b']:
			return fmt.Sprint(n)
		}
		return fmt.Sprint(n >> 10)
	}
	c.printf("%-7s %12s %12s %12s %12s %12s %12s\n", "", "total", "used", "free", "shared", "buff/cache", "available")
	c.printf("%-7s %12s %12s %12s %12s %12s %12s\n", "Mem:", show(total), show(used), show(total-2*used), show(0), show(used), show(total-used))
	c.printf("%-7s %12s %12s %12s\n", "Swap:", show(0), show(0), show(0))
	return 0
}

func df(c *call) int {
	given, bad := c.flags("hkmTP")
	if bad != "" {
		return c.fail("invalid option %s", bad)
	}
	c.files.mu.Lock()
	written := int64(c.files.bytes)
	c.files.mu.Unlock()
	const gib = 1 << 30
	total := int64(c.StorageGB) * gib
	used := total/20 + written
	show, unit := func(n int64) string { return fmt.Sprint(n >> 10) }, "1K-blocks"
	if given['h'] {
		show, unit = func(n int64) string { return fmt.Sprintf("%.1fG", float64(n)/gib) }, "Size"
	}
	c.printf("%-15s %12s %12s %12s %4s %s\n", "Filesystem", unit, "Used", "Available", "Use%", "Mounted on")
	c.printf("%-15s %12s %12s %12s %3d%% %s\n", "/dev/vda1", show(total), show(used), show(total-used), 100*used/total, "/")
	return 0
}

func uptime(c *call) int {
	up := c.up()
	if given, _ := c.flags("ps"); given['s'] {
		c.printf("%s\n", c.now.Add(-up).UTC().Format(time.DateTime))
		return 0
	}
	days, minutes := int(up.Hours())/24, int(up.Minutes())%60
	text := fmt.Sprintf("%d:%02d", int(up.Hours())%24, minutes)
	if days > 0 {
		text = fmt.Sprintf("%d days, %s", days, text)
	}
	c.printf(" %s up %s,  1 user,  load average: 0.00, 0.00, 0.00\n", c.now.UTC().Format(time.TimeOnly), text)
	return 0
}

// date shows the sandbox's time, in UTC.
func date(c *call) int {
	format := "%a %b %e %T UTC %Y"
	for _, arg := range c.args {
		switch {
		case arg == "-u" || arg == "--utc":
		case arg == "-Iseconds" || arg == "--iso-8601=seconds":
			format = "%Y-%m-%dT%H:%M:%S+00:00"
		case arg == "-I" || arg == "--iso-8601":
			format = "%F"
		case arg == "-R":
			format = "%a, %d %b %Y %T +0000"
		case strings.HasPrefix(arg, "+"):
			format = arg[1:]
		default:
			return c.fail("%s: %v", arg, errUnsupported)
		}
	}
	c.printf("%s\n", strftime(c.now.UTC(), format))
	return 0
}

func strftime(t time.Time, format string) string {
	return strings.NewReplacer(
		"%%", "%", "%F", t.Format(time.DateOnly), "%T", t.Format(time.TimeOnly), "%s", fmt.Sprint(t.Unix()),
		"%Y", t.Format("2006"), "%y", t.Format("06"), "%m", t.Format("01"), "%d", t.Format("02"), "%e", t.Format("_2"),
		"%H", t.Format("15"), "%M", t.Format("04"), "%S", t.Format("05"), "%N", t.Format("000000000"),
		"%a", t.Format("Mon"), "%A", t.Format("Monday"), "%b", t.Format("Jan"), "%B", t.Format("January"),
		"%z", "+0000", "%Z", "UTC", "%j", fmt.Sprintf("%03d", t.YearDay()), "%n", "\n", "%t", "\t",
	).Replace(format)
}
