//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Disk is what an acknowledged change has to wait for.
type Disk struct {
	Folder     string  `json:"folder"`
	Filesystem string  `json:"filesystem"`
	Writes     int     `json:"writes"`
	MedianMS   float64 `json:"fdatasync_median_ms"`
	P99MS      float64 `json:"fdatasync_p99_ms"`
}

// Magic numbers of statfs(2).
const (
	tmpfs = 0x01021994
	ramfs = 0x858458f6
)

var filesystems = map[uint32]string{0xef53: "ext", 0x58465342: "xfs", 0x9123683e: "btrfs", 0x794c7630: "overlay", 0x2fc12fc1: "zfs"}

// measureDisk times small writes, each with an fdatasync, inside a file that
// does not grow: that is how bbolt writes. A folder in memory is refused, for
// there a sync costs nothing.
func measureDisk(folder string) (Disk, error) {
	const writes, size = 200, 4096
	var fs syscall.Statfs_t
	if err := syscall.Statfs(folder, &fs); err != nil {
		return Disk{}, fmt.Errorf("cannot tell which file system %s is on: %w", folder, err)
	}
	magic := uint32(fs.Type)
	if magic == tmpfs || magic == ramfs {
		return Disk{}, fmt.Errorf("%s is in memory, where a sync costs nothing: name a folder on a disk with --dir", filepath.Dir(folder))
	}
	f, err := os.CreateTemp(folder, "fdatasync-*")
	if err != nil {
		return Disk{}, fmt.Errorf("cannot measure the disk: %w", err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if _, err = f.Write(make([]byte, writes*size)); err == nil {
		err = f.Sync()
	}
	took := make([]time.Duration, 0, writes)
	for i := 0; i < writes && err == nil; i++ {
		block := make([]byte, size)
		block[0] = byte(i)
		begin := time.Now()
		if _, err = f.WriteAt(block, int64(i*size)); err == nil {
			err = syscall.Fdatasync(int(f.Fd()))
		}
		took = append(took, time.Since(begin))
	}
	if err != nil {
		return Disk{}, fmt.Errorf("cannot measure the disk: %w", err)
	}
	name := filesystems[magic]
	if name == "" {
		name = fmt.Sprintf("file system %#x", magic)
	}
	absolute, err := filepath.Abs(filepath.Dir(folder))
	if err != nil {
		return Disk{}, err
	}
	return Disk{
		Folder: absolute, Filesystem: name, Writes: writes,
		MedianMS: milliseconds(quantile(took, 0.5)), P99MS: milliseconds(quantile(took, 0.99)),
	}, nil
}
