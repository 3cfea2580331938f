package main_test

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"treem/bot/store/pgtest"
)

const root = "../.."

// documents are the Markdown files for people, by path from the root; the content's own texts are no documentation.
func documents(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch name, _ := filepath.Rel(root, path); {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "entries" || d.Name() == "laws" || d.Name() == "testdata"):
			return fs.SkipDir
		case strings.HasSuffix(name, ".md"):
			text, err := os.ReadFile(path)
			all[name] = string(text)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var (
	inlineCommand = regexp.MustCompile("`(?:go run \\./cmd/treem|treem|…) ([a-z][^`]*)`")
	// A line of a block: settings before the program's name are another test's business.
	blockCommand = map[string]*regexp.Regexp{
		"sh":      regexp.MustCompile(`(?m)^(?:TREEM_\S+ |TREEM_\S+ \\\n)*(?:go run \./cmd/treem|treem) ([a-z][^#\n]*)`),
		"console": regexp.MustCompile(`(?m)^\$ (?:go run \./cmd/treem|treem) ([a-z][^\n]*)`),
	}
	codeBlock = regexp.MustCompile("(?ms)^```(sh|console)\n(.*?)^```")
	// "ask --channel sms" in a sentence behind its command.
	moreInline = regexp.MustCompile("`((?:ask|triage|search|kb|staff|cases|report|bulletin|backup|restore|key|doctor) -[^`]*)`")
)

// commandsOf are the command lines of our program that a document shows.
func commandsOf(text string) (all []string) {
	for _, found := range inlineCommand.FindAllStringSubmatch(text, -1) {
		all = append(all, strings.TrimSpace(found[1]))
	}
	for _, found := range moreInline.FindAllStringSubmatch(text, -1) {
		all = append(all, found[1])
	}
	for _, block := range codeBlock.FindAllStringSubmatch(text, -1) {
		for _, found := range blockCommand[block[1]].FindAllStringSubmatch(block[2], -1) {
			all = append(all, strings.TrimSpace(found[1]))
		}
	}
	return all
}

// TestCommandsInTheDocs runs every command that the documents show, with the built program on a data folder that has an
// officer, a copy and exported content beside it. Words in capitals stand for what a reader fills in.
func TestCommandsInTheDocs(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program; not with -short")
	}
	binary, work := buildProgram(t), t.TempDir()
	env := append(cleanEnvironment(), "TREEM_DATA_DIR="+filepath.Join(work, "data"), "TREEM_LISTEN="+freeAddress(t))
	treem := func(args ...string) (string, error) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		c := exec.CommandContext(ctx, binary, args...)
		c.Env, c.Dir, c.Stdin = env, work, strings.NewReader("")
		out, err := c.CombinedOutput()
		return string(out), err
	}
	for name, text := range map[string]string{
		"messages.jsonl":  `{"text":"cứu với bé rơi xuống ao","level":"emergency","category":"drowning"}` + "\n",
		"questions.jsonl": `{"text":"trẻ mấy tuổi được đi làm","answer":"labour-min-age"}` + "\n",
	} {
		if err := os.WriteFile(filepath.Join(work, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	shelf, err := filepath.Abs(root + "/kb/statute/testdata/tu-sach.docx")
	if err != nil {
		t.Fatal(err)
	}
	must := func(args ...string) {
		t.Helper()
		if out, err := treem(args...); err != nil {
			t.Fatalf("treem %v: %v\n%s", args, err, out)
		}
	}
	// What readers have before they come to a command.
	serveUntil(t, binary, env, "channel")
	must("staff", "add", "hoa", "--name", "Trần Thị Hoa", "--roles", "officer")
	must("backup", filepath.Join(work, "copy"))
	must("kb", "export", filepath.Join(work, "content"))

	fill := func(args []string) []string {
		kind := "questions.jsonl"
		if args[0] == "triage" {
			kind = "messages.jsonl"
		}
		for i, a := range args {
			switch {
			case a == "FILE.jsonl" || strings.HasSuffix(a, "/FILE.jsonl"):
				args[i] = kind
			case a == "FILE…" || strings.HasSuffix(a, ".txt"):
				args[i] = shelf
			case a == "DIR" && slices.Contains(args, "import"):
				args[i] = "content"
			case a == "DIR":
				args[i] = filepath.Join(t.TempDir(), "out")
			case a == "FILE" && args[0] == "restore", strings.HasPrefix(a, "/backup/") && args[0] == "restore":
				args[i] = "copy"
			case a == "FILE", strings.HasPrefix(a, "/backup/"):
				args[i] = filepath.Join(t.TempDir(), "copy")
			case a == "LOGIN":
				args[i] = map[bool]string{true: "moi", false: "hoa"}[slices.Contains(args, "add")]
			case a == "…" && i > 0 && args[i-1] == "--name":
				args[i] = "Lê Văn Mới"
			case a == "…" && i > 0 && args[i-1] == "--roles":
				args[i] = "officer"
			case a == "URL" || a == "postgres://…":
				args[i] = pgtest.Start(t).Database()
			}
		}
		return args
	}
	// Those that need a case or a bulletin, which only a service under way has, must at least explain themselves.
	needs := []string{"cases form", "cases primero", "bulletin send", "bulletin preview"}
	confirmed := []string{"restore", "kb import", "key rotate", "key forget-old", "migrate-to"} // ask, unless --yes
	var seen []string
	where := map[string]string{}
	for name, text := range documents(t) {
		for _, line := range commandsOf(text) {
			if _, known := where[line]; !known && line != "serve" && line != "chat" { // these two are started by other tests, and above
				where[line] = name
				seen = append(seen, line)
			}
		}
	}
	slices.SortFunc(seen, func(a, b string) int { // what changes the key or the database comes when the rest is done
		late := func(line string) int { return slices.Index([]string{"key", "migrate-to"}, strings.Fields(line)[0]) }
		return cmp.Or(cmp.Compare(late(a), late(b)), cmp.Compare(a, b))
	})
	for _, line := range seen {
		name := where[line]
		args := fill(words(strings.ReplaceAll(line, "$(date +%F)", "2026-11-26")))
		about := strings.Join(args[:min(2, len(args))], " ")
		if slices.Contains(needs, about) {
			if out, err := treem(append(args[:2:2], "--help")...); err != nil || !strings.Contains(out, "Usage:") {
				t.Errorf("%s: treem %s: %v\n%s", name, line, err, out)
			}
			continue
		}
		if slices.ContainsFunc(confirmed, func(c string) bool { return strings.HasPrefix(strings.Join(args, " "), c) }) && !slices.Contains(args, "--yes") {
			if help, _ := treem(append(args[:min(2, len(args)):min(2, len(args))], "--help")...); strings.Contains(help, "--yes") {
				args = append(args, "--yes")
			}
		}
		out, err := treem(args...)
		var exit *exec.ExitError
		if about == "doctor" && errors.As(err, &exit) && exit.ExitCode() == 1 {
			err = nil // it finds that nothing serves
		}
		if errors.As(err, &exit) && exit.ExitCode() == 2 && strings.Contains(out, " wants ") && !strings.ContainsAny(line, "-.…") && strings.ToLower(line) == line {
			_, err = treem(append(args, "--help")...) // it is only named
		}
		if err != nil {
			t.Errorf("%s: treem %s (run as %v): %v\n%s", name, line, args, err, out)
		}
	}
	if len(seen) < 25 {
		t.Errorf("only %d commands were found in the documents: %q", len(seen), seen)
	}
	t.Logf("%d commands", len(seen))
}

// words cuts a command line as a shell does, as far as the documents use it.
func words(line string) (all []string) {
	for _, found := range regexp.MustCompile(`"([^"]*)"|(\S+)`).FindAllStringSubmatch(line, -1) {
		if word := found[1] + found[2]; word != "…" || slices.Contains(all, "--name") {
			all = append(all, word)
		}
	}
	return all
}

// serveUntil starts the service, waits for a line of its output and stops it. It returns what it printed up to that line.
func serveUntil(t *testing.T, binary string, env []string, line string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, binary)
	c.Env = env
	var log strings.Builder
	c.Stderr = &log
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	part := make([]byte, 512)
	for !strings.Contains(printed.String(), line) {
		n, err := out.Read(part)
		printed.Write(part[:n])
		if err != nil {
			break
		}
	}
	_ = c.Process.Signal(syscall.SIGTERM)
	_, _ = io.Copy(io.Discard, out) // what it prints to the end
	if err := c.Wait(); err != nil {
		t.Errorf("serving: %v\n%s\n%s", err, printed.String(), log.String())
	}
	shown, end, _ := strings.Cut(printed.String(), line)
	end, _, _ = strings.Cut(end, "\n")
	return shown + line + end
}

// TestExamplesInTheReadme: what the README shows after a command is what the command prints.
func TestExamplesInTheReadme(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program; not with -short")
	}
	binary := buildProgram(t)
	env := append(cleanEnvironment(), "TREEM_DATA_DIR="+filepath.Join(t.TempDir(), "treem"))
	text := documents(t)["README.md"]
	shown := 0
	for _, block := range codeBlock.FindAllStringSubmatch(text, -1) {
		for _, example := range strings.Split("\n"+block[2], "\n$ go run ./cmd/treem")[1:] {
			command, want, _ := strings.Cut(example, "\n")
			var got string
			if command == "" {
				address := freeAddress(t)
				got = serveUntil(t, binary, append(env, "TREEM_LISTEN="+address), "channel   web")
				got = strings.NewReplacer(address, "127.0.0.1:8080", strings.TrimPrefix(env[len(env)-1], "TREEM_DATA_DIR="), "/home/you/.local/share/treem").Replace(got)
				shown++
			} else {
				c := exec.CommandContext(t.Context(), binary, words(command)...)
				c.Env = env
				out, err := c.Output()
				if err != nil {
					t.Fatalf("treem%s: %v", command, err)
				}
				got = string(out)
				shown++
			}
			if strings.TrimSpace(got) != strings.TrimSpace(want) {
				t.Errorf("treem%s prints\n%s\nthe README shows\n%s", command, got, want)
			}
		}
	}
	if shown < 3 {
		t.Errorf("the README shows %d examples", shown)
	}
}
