package main

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"

	"treem/bot"
	"treem/bot/dialogue"
	"treem/bot/triage"
	"treem/kb"
	"treem/kb/content"
	"treem/kb/vitext"
)

// knowledge is all that answering needs and nothing that writes: content, index, triage, phrases.
type knowledge struct {
	text    *vitext.Normaliser
	content *kb.Content
	index   *kb.Index
	triage  *triage.Assessor
	book    *dialogue.Book
	files   fs.FS // the content files, for the media
}

// openText opens what reads a message: text tables and triage. It needs no content and no index.
func openText() (*vitext.Normaliser, *triage.Assessor, error) {
	text, err := vitext.New()
	if err != nil {
		return nil, nil, fmt.Errorf("read text tables: %w", err)
	}
	assessor, err := triage.New()
	if err != nil {
		return nil, nil, fmt.Errorf("read triage rules: %w", err)
	}
	return text, assessor, nil
}

// openKnowledge reads the embedded content and builds the index.
func openKnowledge(ctx context.Context) (*knowledge, error) {
	text, assessor, err := openText()
	if err != nil {
		return nil, err
	}
	return buildKnowledge(ctx, text, assessor, content.FS, nil)
}

// buildKnowledge reads content files and builds the index of them and of imported statutes.
func buildKnowledge(ctx context.Context, text *vitext.Normaliser, assessor *triage.Assessor, fsys fs.FS, statutes []*kb.Statute) (*knowledge, error) {
	c, book, err := readKnowledge(fsys, statutes)
	if err != nil {
		return nil, err
	}
	index, err := kb.NewIndex(ctx, c, text)
	if err != nil {
		return nil, fmt.Errorf("build index: %w", err)
	}
	return &knowledge{text: text, content: c, index: index, triage: assessor, book: book, files: fsys}, nil
}

// readKnowledge reads content files without building an index of them.
func readKnowledge(fsys fs.FS, statutes []*kb.Statute) (*kb.Content, *dialogue.Book, error) {
	c, err := kb.Load(fsys)
	if err != nil {
		return nil, nil, err
	}
	if len(statutes) > 0 {
		c = c.With(statutes)
	}
	book, err := dialogue.ReadBook(fsys, c)
	return c, book, err
}

func (k *knowledge) responder(safeWord string, log *slog.Logger) *bot.Responder {
	return &bot.Responder{Text: k.text, Triage: k.triage, Book: k.book, Search: k.index, SafeWord: safeWord, Log: log}
}

func (k *knowledge) Close() error { return k.index.Close() }
