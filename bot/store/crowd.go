package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// crowd writes what many people send at once together: a commit costs the disk the same for one message as for many.
type crowd struct {
	mu      sync.Mutex
	waiting []*keeping
	writers int
}

type keeping struct {
	received
	done chan error
}

const (
	together = 32               // messages written in one transaction at most
	writeFor = 30 * time.Second // how long one transaction may take; who waits for it may have gone long before
)

// keep returns when r is kept by write, or not. At most so many writes run at once; what comes meanwhile waits and is written
// together. If the database refuses what one of them holds, they are written one by one, so that it does no harm to the others.
// When ctx ends first, r may still be kept.
func (c *crowd) keep(ctx context.Context, r received, writes int, write func(context.Context, []received) error) error {
	k := &keeping{r, make(chan error, 1)}
	c.mu.Lock()
	c.waiting = append(c.waiting, k)
	if c.writers < writes {
		c.writers++
		go c.writeAll(context.WithoutCancel(ctx), write) // ends when nothing waits
	}
	c.mu.Unlock()
	select {
	case err := <-k.done:
		return err
	case <-ctx.Done():
		return wrap("accept message", ctx.Err())
	}
}

// next takes what is to be written together; nil: nothing waits, and the writer that asked is done.
func (c *crowd) next() []*keeping {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := min(together, len(c.waiting))
	if n == 0 {
		c.writers--
		return nil
	}
	group := slices.Clone(c.waiting[:n])
	c.waiting = slices.Delete(c.waiting, 0, n)
	return group
}

func (c *crowd) writeAll(ctx context.Context, write func(context.Context, []received) error) {
	for group := c.next(); group != nil; group = c.next() {
		// In one order, so that two groups with the same two people do not wait for each other; a person's own keep theirs.
		slices.SortStableFunc(group, func(a, b *keeping) int {
			return cmp.Or(cmp.Compare(a.in.From.Channel, b.in.From.Channel), cmp.Compare(a.in.From.ID, b.in.From.ID))
		})
		all := make([]received, len(group))
		for i, k := range group {
			all[i] = k.received
		}
		err := inTime(ctx, all, write)
		for i, k := range group {
			if refused(err) && len(group) > 1 {
				k.done <- inTime(ctx, all[i:i+1], write)
			} else {
				k.done <- err
			}
		}
	}
}

func inTime(ctx context.Context, all []received, write func(context.Context, []received) error) error {
	ctx, cancel := context.WithTimeout(ctx, writeFor)
	defer cancel()
	return write(ctx, all)
}

// refused says whether the database works but does not take what a statement holds.
func refused(err error) bool {
	if e := (*pgconn.PgError)(nil); errors.As(err, &e) {
		return strings.HasPrefix(e.Code, "22") || strings.HasPrefix(e.Code, "23") // data exception, integrity constraint violation
	}
	if e := (*sqlite.Error)(nil); errors.As(err, &e) {
		code := e.Code() & 0xff // without its extension
		return code == sqlite3.SQLITE_CONSTRAINT || code == sqlite3.SQLITE_MISMATCH || code == sqlite3.SQLITE_TOOBIG
	}
	return false
}
