package twilio

import (
	"net/http"

	"treem/channels"
	"treem/channels/httpcall"
)

// provider names Twilio in errors.
const provider = httpcall.Provider(Name)

// sendError says what the queue should do about err.
func sendError(err error) *channels.SendError { return provider.Of(err).SendError(refusedVerdict) }

// refusedVerdict goes by the table and, for codes that are not in it, by HTTP's status.
func refusedVerdict(e *httpcall.Error) channels.Verdict {
	if m, known := codes[e.Code]; known {
		return m.verdict
	}
	if e.Status == http.StatusTooManyRequests || e.Status >= 500 {
		return channels.Retry
	}
	return channels.Fault
}
