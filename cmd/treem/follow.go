package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"treem/bot"
	"treem/bot/dialogue"
	"treem/kb"
	"treem/kb/content"
)

// live is the knowledge in use while the program runs: content and imported statutes at the source's newest revision.
type live struct {
	mu  sync.RWMutex
	now *inUse
	log *slog.Logger

	carried *knowledge // of the program's own content, kept open by whoever opened it; nil: none
}

// inUse is knowledge that can be replaced while it is being searched.
type inUse struct {
	*knowledge
	searching sync.RWMutex // held for reading by every search
	closed    bool
}

// openLive reads what staff stored and builds the first knowledge from it. carried is the knowledge of the program's own
// content, if it is open already; nil: it is built when needed.
func openLive(ctx context.Context, source kb.Source, log *slog.Logger, carried *knowledge) (*live, *kb.Follower, error) {
	first := carried
	if first == nil {
		text, assessor, err := openText()
		if err != nil {
			return nil, nil, err
		}
		first = &knowledge{text: text, triage: assessor}
	}
	l := &live{now: &inUse{knowledge: first}, log: log, carried: carried}
	stored, err := kb.ReadSource(ctx, source)
	if err != nil {
		return nil, nil, err
	}
	k, err := l.build(ctx, stored)
	if err != nil {
		return nil, nil, err
	}
	l.now = &inUse{knowledge: k}
	return l, &kb.Follower{Source: source, Since: stored.Revision, Load: l.load, Log: log}, nil
}

// build takes the stored content if it is newer than the embedded one and this program can read it, else the embedded one.
func (l *live) build(ctx context.Context, stored kb.Stored) (*knowledge, error) {
	base := l.current()
	own, err := l.storedFS(stored.Content)
	if own != nil {
		var k *knowledge
		if k, err = buildKnowledge(ctx, base.text, base.triage, own, stored.Statutes); err == nil {
			return k, nil
		}
	}
	if err != nil {
		l.log.Error("stored content cannot be used by this program; its own is used. Export, mend and import it again", "error", err)
	}
	if l.carried != nil && len(stored.Statutes) == 0 {
		return l.carried, nil
	}
	return buildKnowledge(ctx, base.text, base.triage, content.FS, stored.Statutes)
}

// storedFS opens a stored content set; nil: there is none, or this program's own is newer.
func (l *live) storedFS(set *kb.ContentSet) (fs.FS, error) {
	if set == nil {
		return nil, nil
	}
	newer, err := newerThanCarried(set)
	if err != nil {
		return nil, err
	}
	if !newer {
		l.log.Warn("stored content is older than this program's and is not used; export it, merge and import again", "stored_at", set.StoredAt)
		return nil, nil
	}
	return set.FS()
}

// newerThanCarried reports whether a stored set takes the place of the embedded content.
func newerThanCarried(set *kb.ContentSet) (bool, error) {
	files, _, err := kb.Files(content.FS)
	if err != nil {
		return false, err
	}
	carried, err := kb.Load(content.FS)
	if err != nil {
		return false, err
	}
	return set.Newer(kb.Hash(files), carried), nil
}

// load puts what the source holds now in use and frees what was, once the last search in it is over.
func (l *live) load(ctx context.Context, stored kb.Stored) error {
	k, err := l.build(ctx, stored)
	if err != nil {
		return err
	}
	l.mu.Lock()
	old := l.now
	l.now = &inUse{knowledge: k}
	l.mu.Unlock()
	if old.knowledge == l.carried {
		return nil
	}
	return old.Close()
}

func (l *live) current() *inUse {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.now
}

// latest is what the responder answers from.
func (l *live) latest() (*dialogue.Book, bot.Searcher) {
	return l.current().book, l
}

func (l *live) responder(safeWord string, log *slog.Logger) *bot.Responder {
	k := l.current()
	return &bot.Responder{Text: k.text, Triage: k.triage, Latest: l.latest, SafeWord: safeWord, Log: log}
}

// Search searches what is in use. It implements bot.Searcher.
func (l *live) Search(ctx context.Context, q kb.Query) (kb.Result, error) {
	for {
		k := l.current()
		k.searching.RLock()
		if k.closed { // replaced between the two lines above
			k.searching.RUnlock()
			if l.current() == k {
				return kb.Result{}, errors.New("search: the index is closed")
			}
			continue
		}
		defer k.searching.RUnlock()
		return k.index.Search(ctx, q)
	}
}

// Close frees the index once the searches in it are over.
func (k *inUse) Close() error {
	k.searching.Lock()
	defer k.searching.Unlock()
	k.closed = true
	return k.knowledge.Close()
}

// Close frees what is in use.
func (l *live) Close() error {
	k := l.current()
	if k.knowledge == l.carried {
		return nil
	}
	return k.Close()
}

// follow runs the follower until the program closes.
func (a *App) follow(f *kb.Follower) {
	ctx, stop := context.WithCancel(context.Background())
	turns := time.NewTicker(kb.FollowEvery)
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.Run(ctx, turns.C)
	}()
	a.onClose("follower", func(closing context.Context) error {
		stop()
		turns.Stop()
		select {
		case <-done:
			return nil
		case <-closing.Done():
			return closing.Err()
		}
	})
}
