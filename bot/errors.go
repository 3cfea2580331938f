package bot

import "errors"

// Code sorts an error by what the caller can do about it.
type Code string

// The codes.
const (
	NotFound Code = "not_found" // the thing asked for does not exist
	Conflict Code = "conflict"  // somebody changed it meanwhile: read again and retry
	Invalid  Code = "invalid"   // the input is wrong
	Internal Code = "internal"  // ours to mend
)

// Error is an error with a code. Its text never holds a person's words, name or number.
type Error struct {
	Code Code
	Op   string // what was being done
	Err  error
}

func (e *Error) Error() string {
	if e.Err == nil {
		return e.Op + ": " + string(e.Code)
	}
	return e.Op + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// ErrorCode returns the code of the first Error in err's chain, Internal for any other error, "" for nil.
func ErrorCode(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}
