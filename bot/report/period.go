package report

import (
	"fmt"
	"time"
)

// vietnam is the time people read; the country has one, without summer time.
var vietnam = time.FixedZone("ICT", 7*60*60)

// Day is the date of a moment as people in Viet Nam write it down, 2026-11-24.
func Day(t time.Time) string { return t.In(vietnam).Format(time.DateOnly) }

// ParseDay is the moment a day begins at; the opposite of Day.
func ParseDay(day string) (time.Time, error) {
	return time.ParseInLocation(time.DateOnly, day, vietnam)
}

// Month is the month of a moment as people in Viet Nam date it, 2026-11.
func Month(t time.Time) string { return t.In(vietnam).Format("2006-01") }

// Period is a stretch of whole days in Viet Nam, from From up to but not including Until.
type Period struct{ From, Until time.Time }

// Year is a calendar year as far as it is over at now: the day of now is not in it, for its figures still change. An error:
// no day of it is over, or nobody could have asked then.
func Year(year int, now time.Time) (Period, error) {
	p := Period{From: time.Date(year, 1, 1, 0, 0, 0, 0, vietnam), Until: time.Date(year+1, 1, 1, 0, 0, 0, 0, vietnam)}
	local := now.In(vietnam)
	if today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, vietnam); today.Before(p.Until) {
		p.Until = today
	}
	if !p.From.Before(p.Until) {
		return Period{}, fmt.Errorf("no day of the year %d is over yet", year)
	}
	return p, nil
}

// Last is the period's last day.
func (p Period) Last() time.Time { return p.Until.AddDate(0, 0, -1) }

// Weeks are the Mondays that begin the weeks of the period, the first one's days before the period aside.
func (p Period) Weeks() []time.Time {
	var all []time.Time
	for m := monday(p.From); m.Before(p.Until); m = m.AddDate(0, 0, 7) {
		all = append(all, m)
	}
	return all
}

func monday(t time.Time) time.Time {
	local := t.In(vietnam)
	day := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, vietnam)
	return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
}
