package main

import (
	"log"
	"log/slog"
	"regexp"
	"strings"
)

// httpLog is what the HTTP servers write to: their lines name the network address that somebody came from, which is
// nobody's business and is cut out. Handshakes that fail are the noise of the net.
type httpLog struct{ log *slog.Logger }

var networkAddress = regexp.MustCompile(`(\[[0-9A-Fa-f:.%a-z]+\]|[0-9]{1,3}(\.[0-9]{1,3}){3}):[0-9]+`)

// Write implements io.Writer; log.Logger calls it once a line.
func (h httpLog) Write(line []byte) (int, error) {
	text := networkAddress.ReplaceAllString(strings.TrimSpace(string(line)), "(address)")
	if strings.Contains(text, "TLS handshake error") {
		h.log.Debug("HTTP server", "says", text)
	} else {
		h.log.Error("HTTP server", "says", text)
	}
	return len(line), nil
}

func newHTTPLog(l *slog.Logger) *log.Logger { return log.New(httpLog{l}, "", 0) }
