package machine

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// gpu is one of a machine's, idle.
type gpu struct {
	index      int
	name       string
	uuid       string
	bus        string
	memory     int // MiB
	used       int // MiB
	celsius    int
	watts      int
	limit      int // watts
	capability string
}

const (
	driverVersion = "570.133.20"
	cudaVersion   = "12.8"
)

// gpus are the machine's, as it was rented.
func (f facts) gpus() []gpu {
	name, limit, capability := card(f.GPUModel)
	list := make([]gpu, f.GPUCount)
	for i := range list {
		h := f.draw(fmt.Sprintf("gpu %d", i))
		u := hex.EncodeToString(h[:16])
		list[i] = gpu{
			index: i, name: name, capability: capability, limit: limit,
			uuid:   fmt.Sprintf("GPU-%s-%s-%s-%s-%s", u[:8], u[8:12], u[12:16], u[16:20], u[20:]),
			bus:    fmt.Sprintf("00000000:%02X:00.0", i+1),
			memory: f.GPUVRAMGB << 10, used: 1, celsius: 28 + int(h[16]%8), watts: limit/15 + int(h[17]%6),
		}
	}
	return list
}

// card is what the driver calls a model of the market, how many watts it may
// draw and its compute capability.
func card(model string) (name string, watts int, capability string) {
	switch model {
	case "RTX 3090":
		return "NVIDIA GeForce RTX 3090", 350, "8.6"
	case "RTX 4090":
		return "NVIDIA GeForce RTX 4090", 450, "8.9"
	case "RTX 5090":
		return "NVIDIA GeForce RTX 5090", 575, "12.0"
	case "RTX A6000":
		return "NVIDIA RTX A6000", 300, "8.6"
	case "L4":
		return "NVIDIA L4", 72, "8.9"
	case "L40S":
		return "NVIDIA L40S", 350, "8.9"
	case "A100 80GB":
		return "NVIDIA A100-SXM4-80GB", 400, "8.0"
	case "H100":
		return "NVIDIA H100 80GB HBM3", 700, "9.0"
	case "H200":
		return "NVIDIA H200", 700, "9.0"
	case "B200":
		return "NVIDIA B200", 1000, "10.0"
	}
	return "NVIDIA " + model, 300, "8.0"
}

// nvidiaSMI shows the GPUs: as a table, as a list (-L), or the fields that are
// asked for.
func nvidiaSMI(c *call) int {
	gpus := c.gpus()
	query, format, list := "", "", false
	for i := 0; i < len(c.args); i++ {
		name, value, given := strings.Cut(c.args[i], "=")
		if !given && (name == "-i" || name == "--id") && i+1 < len(c.args) {
			i++
			value = c.args[i]
		}
		switch name {
		case "-L", "--list-gpus":
			list = true
		case "--query-gpu":
			query = value
		case "--format":
			format = value
		case "-i", "--id":
			n, err := strconv.Atoi(value)
			if err != nil || n < 0 || n >= c.GPUCount {
				c.printf("No devices were found\n")
				return 6
			}
			gpus = gpus[n : n+1]
		default:
			c.printf("Invalid combination of input arguments: %s is unknown to the simulated machine.\n", name)
			return 1
		}
	}
	switch {
	case list:
		for _, g := range gpus {
			c.printf("GPU %d: %s (UUID: %s)\n", g.index, g.name, g.uuid)
		}
		return 0
	case query != "":
		return c.queryGPUs(gpus, strings.Split(query, ","), strings.Split(format, ","))
	}
	c.tableOfGPUs(gpus)
	return 0
}

// queryGPUs prints fields of GPUs, comma-separated.
func (c *call) queryGPUs(gpus []gpu, fields, format []string) int {
	wish := map[string]bool{}
	for _, f := range format {
		wish[strings.TrimSpace(f)] = true
	}
	if !wish["csv"] {
		c.printf("\"--format=\" must be csv, with noheader and nounits if you like.\n")
		return 1
	}
	heads := make([]string, len(fields))
	rows := make([][]string, len(gpus))
	for i, field := range fields {
		field = strings.TrimSpace(field)
		heads[i] = field
		for j, g := range gpus {
			value, unit, ok := g.field(field, c)
			if !ok {
				c.printf("Field \"%s\" is not a valid field to query.\n", field)
				return 2
			}
			if unit != "" {
				heads[i] = field + " [" + unit + "]"
				if !wish["nounits"] {
					value += " " + unit
				}
			}
			rows[j] = append(rows[j], value)
		}
	}
	if !wish["noheader"] {
		c.printf("%s\n", strings.Join(heads, ", "))
	}
	for _, row := range rows {
		c.printf("%s\n", strings.Join(row, ", "))
	}
	return 0
}

// field is one property of a GPU, by the name that --query-gpu has for it.
func (g gpu) field(name string, c *call) (value, unit string, ok bool) {
	switch name {
	case "index":
		return strconv.Itoa(g.index), "", true
	case "name", "gpu_name":
		return g.name, "", true
	case "uuid", "gpu_uuid":
		return g.uuid, "", true
	case "count":
		return strconv.Itoa(c.GPUCount), "", true
	case "timestamp":
		return c.now.UTC().Format("2006/01/02 15:04:05.000"), "", true
	case "driver_version":
		return driverVersion, "", true
	case "pci.bus_id", "gpu_bus_id":
		return g.bus, "", true
	case "compute_cap":
		return g.capability, "", true
	case "pstate":
		return "P8", "", true
	case "memory.total":
		return strconv.Itoa(g.memory), "MiB", true
	case "memory.used":
		return strconv.Itoa(g.used), "MiB", true
	case "memory.free":
		return strconv.Itoa(g.memory - g.used), "MiB", true
	case "utilization.gpu", "utilization.memory":
		return "0", "%", true
	case "temperature.gpu":
		return strconv.Itoa(g.celsius), "", true
	case "power.draw":
		return fmt.Sprintf("%d.00", g.watts), "W", true
	case "power.limit":
		return fmt.Sprintf("%d.00", g.limit), "W", true
	}
	return "", "", false
}

// tableOfGPUs prints what nvidia-smi without arguments does.
func (c *call) tableOfGPUs(gpus []gpu) {
	const (
		outer = "+-----------------------------------------------------------------------------------------+\n"
		rule  = "|-----------------------------------------+------------------------+----------------------+\n"
		strip = "+-----------------------------------------+------------------------+----------------------+\n"
	)
	c.printf("%s\n", c.now.UTC().Format(time.ANSIC))
	c.printf("%s| NVIDIA-SMI %-21s Driver Version: %-15s CUDA Version: %-8s |\n", outer, driverVersion, driverVersion, cudaVersion)
	c.printf("%s| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |\n", rule)
	c.printf("| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |\n")
	c.printf("|=========================================+========================+======================|\n")
	for _, g := range gpus {
		c.printf("| %3d  %-26s     On  | %18s Off | %20s |\n", g.index, g.name, g.bus, "Off")
		c.printf("| %3s  %3dC    P8          %5dW / %4dW | %7dMiB /%7dMiB | %7s %12s |\n",
			"0%", g.celsius, g.watts, g.limit, g.used, g.memory, "0%", "Default")
		c.printf("%s", strip)
	}
	c.printf("\n%s| %-87s |\n| %-87s |\n%s", outer, "Processes:", "  No running processes found", outer)
}
