// Package posted reads what was posted to a channel's HTTP paths, and says with which status to refuse it if it is not of
// the form expected.
package posted

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
)

// Body returns the whole body and 200, or the status to answer:
//
//	415  the body is not declared as of this media type
//	413  the body is longer than that many bytes
//	400  the body cannot be read
func Body(w http.ResponseWriter, r *http.Request, mediaType string, longest int64) ([]byte, int) {
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != mediaType {
		return nil, http.StatusUnsupportedMediaType
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longest))
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		return nil, http.StatusRequestEntityTooLarge
	} else if err != nil {
		return nil, http.StatusBadRequest
	}
	return body, http.StatusOK
}

// Form returns the fields of a form and 200, or the status to answer, which is 400 for a body that is no form, and else
// as with Body. Parameters in the address do not count.
func Form(w http.ResponseWriter, r *http.Request, longest int64) (url.Values, int) {
	body, status := Body(w, r, "application/x-www-form-urlencoded", longest)
	if status != http.StatusOK {
		return nil, status
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, http.StatusBadRequest
	}
	return values, http.StatusOK
}
