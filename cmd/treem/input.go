package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"treem/channels"
)

// eachMessage calls f with the arguments as one message or, without arguments, with each line of standard input.
func eachMessage(args []string, stdin io.Reader, f func(text string) error) error {
	if len(args) > 0 {
		return f(strings.Join(args, " "))
	}
	lines := bufio.NewReaderSize(stdin, channels.MaxText)
	for n := 1; ; n++ {
		line, err := lines.ReadString('\n')
		if line = strings.TrimRight(line, "\r\n"); line != "" || err == nil {
			if ferr := f(line); ferr != nil {
				return fmt.Errorf("line %d: %w", n, ferr)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read standard input: %w", err)
		}
	}
}
