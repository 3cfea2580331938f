package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
)

// remembering opens SQLite connections that keep what they have prepared: reading a statement takes SQLite longer than running
// most of ours. PostgreSQL's driver does the same by itself.
type remembering struct {
	driver driver.Driver
	dsn    string
}

// Connect implements driver.Connector.
func (r remembering) Connect(context.Context) (driver.Conn, error) {
	c, err := r.driver.Open(r.dsn)
	if err != nil {
		return nil, err
	}
	able, ok := c.(sqliteConn)
	if !ok {
		return nil, fmt.Errorf("the SQLite driver's %T cannot do what is needed", c)
	}
	return &connection{sqliteConn: able, prepared: map[string]*statement{}}, nil
}

// Driver implements driver.Connector.
func (r remembering) Driver() driver.Driver { return r.driver }

// sqliteConn is what the driver's connections can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.QueryerContext
	driver.ExecerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// connection is used by one goroutine at a time, as database/sql sees to.
type connection struct {
	sqliteConn
	prepared map[string]*statement
}

type statement struct {
	driver.Stmt
	busy bool // its rows are being read
}

// remembered is how many statements a connection keeps: ours, the queue's, and those whose length depends on how many people
// write at once.
const remembered = 300

// statement returns a prepared statement that is free; nil: run the query without one.
func (c *connection) statement(ctx context.Context, query string) (*statement, error) {
	if s, known := c.prepared[query]; known {
		if s.busy {
			return nil, nil
		}
		return s, nil
	}
	if !repeats(query) {
		return nil, nil
	}
	if len(c.prepared) >= remembered {
		c.forget()
	}
	stmt, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s := &statement{Stmt: stmt}
	c.prepared[query] = s
	return s, nil
}

// repeats says whether a query is worth remembering: reads and writes are, what changes the schema or the connection is not.
func repeats(query string) bool {
	first, _, _ := strings.Cut(strings.TrimSpace(query), " ")
	switch strings.ToUpper(strings.TrimSpace(first)) {
	case "SELECT", "INSERT", "UPDATE", "DELETE":
		return true
	}
	return strings.HasPrefix(strings.TrimSpace(query), "-- name: ") // the queue's
}

// forget gives up what is prepared and not being read.
func (c *connection) forget() {
	for query, s := range c.prepared {
		if !s.busy {
			c.drop(query, s)
		}
	}
}

// drop gives up a statement. What its end reports has been reported when it ran.
func (c *connection) drop(query string, s *statement) {
	delete(c.prepared, query)
	_ = s.Close()
}

// QueryContext implements driver.QueryerContext.
func (c *connection) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return through(ctx, c, query, args, c.sqliteConn.QueryContext, func(s *statement) (driver.Rows, error) {
		found, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
		if err != nil {
			return nil, err
		}
		s.busy = true
		return &rows{found, s}, nil
	})
}

// ExecContext implements driver.ExecerContext.
func (c *connection) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return through(ctx, c, query, args, c.sqliteConn.ExecContext, func(s *statement) (driver.Result, error) {
		return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
	})
}

// through runs a query on its statement, or plainly if there is none that is free. A statement that failed is given up.
func through[T any](ctx context.Context, c *connection, query string, args []driver.NamedValue,
	plain func(context.Context, string, []driver.NamedValue) (T, error), prepared func(*statement) (T, error)) (T, error) {
	s, err := c.statement(ctx, query)
	if err != nil {
		var none T
		return none, err
	}
	if s == nil {
		return plain(ctx, query, args)
	}
	got, err := prepared(s)
	if err != nil {
		c.drop(query, s)
	}
	return got, err
}

// Close implements driver.Conn.
func (c *connection) Close() error {
	for query, s := range c.prepared {
		c.drop(query, s)
	}
	return c.sqliteConn.Close()
}

// rows set their statement free when they are closed.
type rows struct {
	driver.Rows
	of *statement
}

func (r *rows) Close() error {
	r.of.busy = false
	return r.Rows.Close()
}
