package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"treem/bot/store"
	"treem/kb"
	"treem/kb/content"
	"treem/kb/statute"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"
)

// importing is one run of `treem kb import`.
type importing struct {
	out, err      io.Writer
	in            io.Reader
	terminal      bool // in is a person who can answer
	yes, dry, add bool
	number, title string
	db            *store.DB // nil: there is no database yet
	store         *store.Store
	now           time.Time
}

func kbImportCommand(g *globals) *cobra.Command {
	var im importing
	c := &cobra.Command{
		Use:   "import FILE… | DIR",
		Short: "take in statutes (.txt, .docx, .pdf, .html), or a folder of content as `kb export` writes it",
		Long: `Statutes are taken apart into articles and shown, with what could not be read by line and what changes against the
version before; they are stored only after "y" or with --yes. A folder is checked by the rules of "treem kb check" and takes
the place of the content in the program. A running treem takes up either within seconds.`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{errors.New("treem kb import wants one or more statute files, or one content folder; see `treem kb import --help`")}
			}
			dirs := 0
			for _, name := range args {
				info, err := os.Stat(name)
				if err != nil {
					return err
				}
				if info.IsDir() {
					dirs++
				}
			}
			if dirs > 0 && len(args) > 1 {
				return usageError{errors.New("treem kb import takes either statute files or one content folder, not both")}
			}
			if len(args) > 1 && (im.number != "" || im.title != "") {
				return usageError{errors.New("--number and --title name one document; import its file alone")}
			}
			im.out, im.err, im.in, im.now = c.OutOrStdout(), c.ErrOrStderr(), c.InOrStdin(), time.Now()
			im.terminal = isTerminal(im.in)
			close, err := im.open(c.Context(), g)
			if err != nil {
				return err
			}
			if dirs > 0 {
				return errors.Join(im.folder(c.Context(), args[0]), close())
			}
			return errors.Join(im.files(c.Context(), args), close())
		},
	}
	c.Flags().BoolVar(&im.yes, "yes", false, "store without asking")
	c.Flags().BoolVar(&im.dry, "dry-run", false, "only show; store nothing")
	c.Flags().BoolVar(&im.add, "add", false, "the file is an excerpt: keep the articles of the version before that it does not hold")
	c.Flags().StringVar(&im.number, "number", "", "official number of the document, where the file does not tell it: 102/2016/QH13")
	c.Flags().StringVar(&im.title, "title", "", "title of the document, where the file does not tell it")
	return c
}

func isTerminal(r io.Reader) bool {
	f, ok := r.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// open opens the data folder's database, beside a running treem too. Only an import that stores makes it.
func (im *importing) open(ctx context.Context, g *globals) (close func() error, err error) {
	nothing := func() error { return nil }
	cfg, err := g.load()
	if err != nil {
		return nil, err
	}
	if there, err := isThere(cfg); err != nil || !there && im.dry {
		return nothing, err
	}
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w; set data_dir to a folder this user may write", err)
	}
	keys, err := openKeys(cfg)
	if err != nil {
		return nil, err
	}
	if im.db, err = openStored(ctx, cfg); err != nil {
		return nil, err
	}
	if err := store.Migrate(ctx, im.db); err != nil {
		return nil, errors.Join(err, im.db.Close())
	}
	im.store = store.New(im.db, keys, nil)
	return im.db.Close, nil
}

// files shows and stores statutes, one after the other. A file that cannot be stored does not hold up the others.
func (im *importing) files(ctx context.Context, names []string) error {
	failed := 0
	for i, name := range names {
		if i > 0 {
			fmt.Fprintln(im.out)
		}
		if err := im.file(ctx, name); err != nil {
			if len(names) == 1 || ctx.Err() != nil {
				return err
			}
			failed++
			fmt.Fprintf(im.err, "treem: %v\n", err)
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d files were not stored; the lines above say why", failed, len(names))
	}
	return nil
}

func (im *importing) file(ctx context.Context, name string) error {
	data, err := readBounded(name)
	if err != nil {
		return err
	}
	d, err := statute.Read(name, data)
	if err != nil {
		return err
	}
	if im.number != "" {
		d.Head.Number = im.number
	}
	if im.title != "" {
		d.Head.Title = im.title
	}
	sum := sha256.Sum256(data)
	st := toStatute(d, filepath.Base(name), hex.EncodeToString(sum[:]))
	var before *kb.Statute
	if im.store != nil {
		if before, err = im.store.Statute(ctx, st.Law); err != nil {
			return err
		}
	}
	if im.add && before != nil {
		st = st.Over(before)
	}
	changes := st.Compare(before)
	im.show(name, d, st, before, changes)
	switch {
	case len(d.Articles) == 0:
		return fmt.Errorf("%s: no article was found; nothing to import", name)
	case d.Head.Number == "" || !strings.Contains(d.Head.Number, "/"):
		return fmt.Errorf("%s: the document's official number was not found; give it with --number, e.g. --number 102/2016/QH13", name)
	case d.Worst() == statute.Fault:
		return fmt.Errorf("%s: not fit to be stored: see the lines marked \"!!\"; mend the file and import it again", name)
	case before != nil && len(changes) == 0:
		fmt.Fprintf(im.out, "Every word is as imported on %s; nothing to store.\n", before.ImportedAt.Local().Format(time.DateOnly))
		return nil
	case im.dry:
		fmt.Fprintln(im.out, "Dry run: nothing stored.")
		return nil
	}
	ok, err := im.confirm(fmt.Sprintf("Store these %d articles as version %d of %s?", len(st.Articles), versionOf(before)+1, st.Law))
	if err != nil || !ok {
		return err
	}
	if err := im.store.SaveStatute(ctx, st, im.now); err != nil {
		return err
	}
	fmt.Fprintf(im.out, "Stored: %s, version %d, %d articles.\n", st.Law, st.Version, len(st.Articles))
	return nil
}

func versionOf(s *kb.Statute) int {
	if s == nil {
		return 0
	}
	return s.Version
}

func readBounded(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, statute.MaxFile+1))
}

// toStatute is the document as the store keeps it.
func toStatute(d *statute.Document, file, hash string) *kb.Statute {
	st := &kb.Statute{Law: d.Head.Number, Title: d.Head.Title, Issuer: d.Head.Issuer, Issued: d.Head.IssuedOn(),
		Effective: d.Head.EffectiveOn(), Whole: d.Head.Whole(), File: file, Hash: hash}
	for _, a := range d.Articles {
		full := kb.FullArticle{Number: a.Number.String(), Title: a.Title, Chapter: a.Chapter, Section: a.Section, Partial: a.Partial}
		for _, p := range a.Paragraphs {
			full.Paragraphs = append(full.Paragraphs, kb.Paragraph{Clause: p.Clause, Point: p.Point, Quoted: p.Quoted, Text: p.Text})
		}
		st.Articles = append(st.Articles, full)
	}
	return st
}

// show prints what was read, what was not, and what changes.
func (im *importing) show(name string, d *statute.Document, st, before *kb.Statute, changes []kb.Change) {
	w := im.out
	fmt.Fprintf(w, "%s\n  %s %s\n", name, orUnknown(d.Head.Title, "(title not found)"), orUnknown(d.Head.Number, "(number not found)"))
	for _, one := range [][2]string{{"issued", d.Head.Issued}, {"effective", d.Head.Effective}, {"status", d.Head.Status}, {"complete", d.Head.Complete}, {"missing", d.Head.Missing}} {
		if one[1] != "" {
			fmt.Fprintf(w, "  %s: %s\n", one[0], one[1])
		}
	}
	chapters, clauses, partial := 0, 0, 0
	for _, v := range d.Divisions {
		if v.Level == statute.Chapter {
			chapters++
		}
	}
	for i := range d.Articles {
		clauses += len(d.Articles[i].Clauses())
		if d.Articles[i].Partial {
			partial++
		}
	}
	fmt.Fprintf(w, "  %d articles", len(d.Articles))
	if n := len(d.Articles); n > 0 {
		fmt.Fprintf(w, " (Điều %s to %s)", d.Articles[0].Number, d.Articles[n-1].Number)
	}
	fmt.Fprintf(w, ", %d chapters, %d clauses", chapters, clauses)
	if partial > 0 {
		fmt.Fprintf(w, ", %d articles only in part", partial)
	}
	fmt.Fprintf(w, "; %d lines of no article, %d page headers and numbers left out\n", len(d.LeftOut), d.Furniture)
	for _, v := range d.Divisions {
		fmt.Fprintf(w, "    %s %s. %s\n", v.Level, v.Number, v.Title)
	}
	for _, p := range d.Problems {
		fmt.Fprintf(w, "  %s %s\n", map[statute.Weight]string{statute.Note: "- ", statute.Warning: "! ", statute.Fault: "!!"}[p.Weight], p)
	}
	if before == nil {
		fmt.Fprintln(w, "  No earlier version.")
		return
	}
	fmt.Fprintf(w, "  Against version %d of %s:", before.Version, before.ImportedAt.Local().Format(time.DateOnly))
	for _, kind := range []kb.ChangeKind{kb.Added, kb.Changed, kb.Removed} {
		var numbers []string
		for _, c := range changes {
			if c.Kind == kind {
				numbers = append(numbers, c.Number)
			}
		}
		if len(numbers) > 0 {
			fmt.Fprintf(w, " %d %s (Điều %s);", len(numbers), kind, strings.Join(numbers, ", "))
		}
	}
	fmt.Fprintf(w, " %d articles then, %d now.\n", len(before.Articles), len(st.Articles))
	if !d.Head.Whole() && !im.add && len(st.Articles) < len(before.Articles) {
		fmt.Fprintln(w, "  !  The file is an excerpt; with --add the articles it does not hold would stay.")
	}
}

func orUnknown(s, unknown string) string {
	if s == "" {
		return unknown
	}
	return s
}

// confirm asks a person at the terminal. Elsewhere only --yes stores.
func (im *importing) confirm(question string) (bool, error) {
	if im.yes {
		return true, nil
	}
	if !im.terminal {
		return false, errors.New("nothing stored; look at the above and run again with --yes")
	}
	fmt.Fprintf(im.out, "%s [y/N] ", question)
	answer, err := bufio.NewReader(im.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes", "c", "có", "co":
		return true, nil
	}
	fmt.Fprintln(im.out, "Nothing stored.")
	return false, nil
}

// folder checks and stores a content folder.
func (im *importing) folder(ctx context.Context, dir string) error {
	files, left, err := kb.Files(os.DirFS(dir))
	if err == nil {
		err = kb.CheckFiles(files)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	archive, err := kb.Pack(files)
	if err != nil {
		return err
	}
	carried, _, err := kb.Files(content.FS)
	if err != nil {
		return err
	}
	set := kb.ContentSet{StoredAt: im.now, Base: kb.Hash(carried), Archive: archive}
	now, err := im.effective(ctx, carried)
	if err != nil {
		return err
	}
	added, changed, removed := compareFiles(now, files)
	if len(added)+len(changed)+len(removed) == 0 {
		fmt.Fprintf(im.out, "Every one of %d files is as in use; nothing to store.\n", len(files))
		return nil
	}
	if err := im.checkSet(ctx, dir, set); err != nil {
		return err
	}
	fmt.Fprintf(im.out, "%d files: %d added, %d changed, %d removed against what is in use; %d other files left alone.\n", len(files), len(added), len(changed), len(removed), len(left))
	for _, list := range []struct {
		mark  string
		names []string
	}{{"+", added}, {"~", changed}, {"-", removed}} {
		for _, n := range list.names {
			fmt.Fprintf(im.out, "  %s %s\n", list.mark, n)
		}
	}
	if im.dry {
		fmt.Fprintln(im.out, "Dry run: nothing stored.")
		return nil
	}
	if ok, err := im.confirm("Put this content in place of what is in use?"); err != nil || !ok {
		return err
	}
	if err := im.store.SaveContent(ctx, set, kb.Hash(files)); err != nil {
		return err
	}
	fmt.Fprintln(im.out, "Stored. A running treem takes it up within seconds.")
	return nil
}

// checkSet refuses content that breaks a rule, with the list.
func (im *importing) checkSet(ctx context.Context, dir string, set kb.ContentSet) error {
	fsys, err := set.FS()
	if err != nil {
		return err
	}
	text, assessor, err := openText()
	if err != nil {
		return err
	}
	k, err := buildKnowledge(ctx, text, assessor, fsys, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	defer k.Close()
	problems, err := k.check(ctx, im.now)
	if err != nil {
		return err
	}
	for _, p := range problems {
		fmt.Fprintln(im.out, p)
	}
	if len(problems) > 0 {
		return fmt.Errorf("%s: %d problems in the content; nothing stored. Mend the files named above and import again", dir, len(problems))
	}
	return nil
}

// effective are the content files in use: the stored set if it is the newer, else the program's own.
func (im *importing) effective(ctx context.Context, carried map[string][]byte) (map[string][]byte, error) {
	if im.store == nil {
		return carried, nil
	}
	return effectiveFiles(ctx, im.store, carried, slog.New(slog.DiscardHandler))
}

func effectiveFiles(ctx context.Context, source kb.Source, carried map[string][]byte, log *slog.Logger) (map[string][]byte, error) {
	set, err := source.Content(ctx)
	if err != nil {
		return nil, err
	}
	fsys, err := (&live{log: log}).storedFS(set)
	if err != nil || fsys == nil {
		return carried, err
	}
	files, _, err := kb.Files(fsys)
	return files, err
}

// compareFiles tells which files of b are new, differ from a, and are gone, each in order.
func compareFiles(a, b map[string][]byte) (added, changed, removed []string) {
	for name, data := range b {
		switch old, ok := a[name]; {
		case !ok:
			added = append(added, name)
		case string(old) != string(data):
			changed = append(changed, name)
		}
	}
	for name := range a {
		if _, ok := b[name]; !ok {
			removed = append(removed, name)
		}
	}
	slices.Sort(added)
	slices.Sort(changed)
	slices.Sort(removed)
	return added, changed, removed
}
