package kb

import (
	"context"
	"log/slog"
	"time"
)

// Source keeps what staff imported.
type Source interface {
	// Revision rises with every import. It is cheap to ask for.
	Revision(ctx context.Context) (int64, error)
	// Statutes returns the newest version of every imported document, by number.
	Statutes(ctx context.Context) ([]*Statute, error)
	// Content returns the newest stored content set; nil: none.
	Content(ctx context.Context) (*ContentSet, error)
}

// Stored is all that a source held at one revision.
type Stored struct {
	Revision int64
	Statutes []*Statute
	Content  *ContentSet
}

// ReadSource reads everything a source holds. A change meanwhile is seen as a newer revision the next time.
func ReadSource(ctx context.Context, s Source) (Stored, error) {
	var out Stored
	var err error
	if out.Revision, err = s.Revision(ctx); err != nil {
		return Stored{}, err
	}
	if out.Statutes, err = s.Statutes(ctx); err != nil {
		return Stored{}, err
	}
	out.Content, err = s.Content(ctx)
	return out, err
}

// Follower keeps a running process up to date with a source that another process may change.
type Follower struct {
	Source Source
	Since  int64                                          // the revision in use
	Load   func(ctx context.Context, stored Stored) error // builds what follows from it and puts it in use
	Log    *slog.Logger
}

// FollowEvery is how often a process asks for the revision.
const FollowEvery = 3 * time.Second

// Run follows until ctx ends. A failure is logged, what is in use stays, and the next turn tries again.
func (f *Follower) Run(ctx context.Context, turns <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-turns:
			if _, err := f.Once(ctx); err != nil && ctx.Err() == nil {
				f.Log.Error("imported knowledge could not be taken up; what was in use stays", "error", err)
			}
		}
	}
}

// Once takes up what is new, if anything is.
func (f *Follower) Once(ctx context.Context) (changed bool, err error) {
	revision, err := f.Source.Revision(ctx)
	if err != nil || revision == f.Since {
		return false, err
	}
	stored, err := ReadSource(ctx, f.Source)
	if err != nil {
		return false, err
	}
	if err := f.Load(ctx, stored); err != nil {
		return false, err
	}
	f.Since = stored.Revision
	f.Log.Info("imported knowledge taken up", "revision", f.Since, "statutes", len(stored.Statutes))
	return true, nil
}
