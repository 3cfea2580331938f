package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"treem/channels/httpcall"
	"treem/config"
)

// builtAfter is a time no right clock can be before: this program was written then.
var builtAfter = time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)

// clockLimit is how far our clock may be from a provider's: below it no hour of duty and no time on a message is wrong.
const clockLimit = time.Minute

// checkClock compares the clock with that of the providers in use, by the Date of their answers (RFC 9110, 6.6.1).
// Nothing is asked of providers that are not configured, and one that cannot be reached is passed over: its own check
// tells.
func checkClock(ctx context.Context, cfg config.Config, now func() time.Time) (string, error) {
	if at := now(); at.Before(builtAfter) {
		return "", wrongClock("the clock says " + at.Format(time.DateTime) + ", which is in the past")
	}
	beside := ""
	for _, p := range []struct {
		on      bool
		address string
	}{
		{cfg.Telegram.Token != "", cfg.Telegram.APIURL}, {cfg.Twilio.AccountSID != "", cfg.Twilio.APIURL},
	} {
		u, err := url.Parse(p.address)
		if !p.on || err != nil {
			continue
		}
		theirs, ok := clockOf(ctx, p.address)
		if !ok {
			continue
		}
		switch off := theirs.Sub(now()).Round(time.Second); {
		case off > clockLimit:
			return "", wrongClock(fmt.Sprintf("the clock is %s behind that of %s", off, u.Hostname()))
		case off < -clockLimit:
			return "", wrongClock(fmt.Sprintf("the clock is %s before that of %s", -off, u.Hostname()))
		}
		beside = ", as at " + u.Hostname()
	}
	return now().Format(time.RFC3339) + beside, nil
}

func wrongClock(what string) error {
	return fmt.Errorf("%s; set it (timedatectl set-ntp true), or hours of duty and times of messages are wrong", what)
}

// clockOf asks a server for its time without telling it who asks.
func clockOf(ctx context.Context, address string) (time.Time, bool) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
	if err != nil {
		return time.Time{}, false
	}
	resp, _, err := httpcall.New("", "", 0, 0).Do(req)
	if resp == nil || err != nil {
		return time.Time{}, false
	}
	at, err := http.ParseTime(resp.Header.Get("Date"))
	return at, err == nil
}
