package report

import (
	"fmt"
	"strconv"
	"strings"
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
func Year(year int, now time.Time) (Period, error) { return cut(year, 1, 12, now) }

// cut is a stretch of whole months as far as it is over at now.
func cut(year int, month time.Month, months int, now time.Time) (Period, error) {
	first := time.Date(year, month, 1, 0, 0, 0, 0, vietnam)
	p := Period{From: first, Until: first.AddDate(0, months, 0)}
	local := now.In(vietnam)
	if today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, vietnam); today.Before(p.Until) {
		p.Until = today
	}
	if !p.From.Before(p.Until) {
		return Period{}, fmt.Errorf("no day of %d months from %s is over yet", months, Month(first))
	}
	return p, nil
}

// Part is a part of a year as far as it is over at now: "" for all of it, "q1" to "q4" for a quarter, "1" to "12" for a month.
func Part(year int, part string, now time.Time) (Period, error) {
	if part == "" {
		return Year(year, now)
	}
	number, quarter := strings.CutPrefix(part, "q")
	n, err := strconv.Atoi(number)
	switch {
	case err == nil && quarter && n >= 1 && n <= 4:
		return cut(year, time.Month(3*n-2), 3, now)
	case err == nil && !quarter && n >= 1 && n <= 12:
		return cut(year, time.Month(n), 1, now)
	default:
		return Period{}, fmt.Errorf("a year has no part %q; say q1 to q4, or 1 to 12", part)
	}
}

// settled is the end of the last whole quarter of a period that begins with its year; zero: there is none. A later quarter by
// itself has none: the difference of two years' figures is as much as anybody may work out.
func (p Period) settled() time.Time {
	from, until := p.From.In(vietnam), p.Until.In(vietnam)
	if from.YearDay() != 1 {
		return time.Time{}
	}
	if until.Year() > from.Year() {
		return p.Until
	}
	end := time.Date(until.Year(), (until.Month()-1)/3*3+1, 1, 0, 0, 0, 0, vietnam)
	if !end.After(from) {
		return time.Time{}
	}
	return end
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
