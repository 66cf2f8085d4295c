package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// choice is a flag that takes one of a few words.
type choice struct {
	value string
	words []string
}

// addChoice adds such a flag; shells complete its words. The first one is what it
// is unless set.
func addChoice(cmd *cobra.Command, persistent bool, name, usage string, words ...string) *choice {
	c := &choice{words[0], words}
	flags := cmd.Flags()
	if persistent {
		flags = cmd.PersistentFlags()
	}
	flags.Var(c, name, usage)
	completes(cmd, name, words...)
	return c
}

// completes lets shells complete the value of a flag.
func completes(cmd *cobra.Command, flag string, words ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag does not exist
	}
}

func (c *choice) String() string { return c.value }

func (c *choice) Type() string { return strings.Join(c.words, "|") }

func (c *choice) Set(word string) error {
	if !slices.Contains(c.words, word) {
		return fmt.Errorf("use %s", strings.Join(c.words, " or "))
	}
	c.value = word
	return nil
}
