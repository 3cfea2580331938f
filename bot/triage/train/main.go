package main

import (
	"bufio"
	"fmt"
	"os"
	"time"

	"treem/kb/vitext"
)

func main() {
	t := time.Now()
	n, err := vitext.New()
	fmt.Println(time.Since(t), err)
	s := bufio.NewScanner(os.Stdin)
	for s.Scan() {
		x := n.Normalise(s.Text())
		for i, y := range x.Syllables {
			for _, b := range x.Breaks {
				if b == i {
					fmt.Print("| ")
				}
			}
			m := ""
			if y.Marked {
				m = "+"
			}
			fmt.Print(y.Toned, m, " ")
		}
		fmt.Println(x.Question, x.Marked, x.Emoji)
	}
}
