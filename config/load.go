package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"
)

// EnvPrefix stands before every setting's name in the environment.
const EnvPrefix = "TREEM_"

// ofTests are names with our prefix that only tests read. CI sets them for a whole run, and they are no settings.
var ofTests = []string{"TREEM_REQUIRE_ENGINES", "TREEM_SCREENSHOTS", "TREEM_CRASH_SEED", "TREEM_CRASH_KILLS", "TREEM_RETRAIN"}

// Default returns the settings of a program nobody configured.
func Default() Config {
	return Config{
		Listen:    "127.0.0.1:8080",
		TLS:       TLS{ACMEURL: "https://acme-v02.api.letsencrypt.org/directory"},
		StopLimit: 20 * time.Second,
		LogLevel:  "info",
		LogFormat: "text",
		Telegram:  Telegram{APIURL: "https://api.telegram.org", Mode: "polling"},
		SMS:       SMS{PerHour: 1000},
		Twilio:    Twilio{APIURL: "https://api.twilio.com", PerSecond: 1},
		Kannel:    Kannel{Allow: []string{"127.0.0.0/8", "::1"}, Split: "kannel", Country: "84"},
		Web:       Web{Enabled: true, QuickExit: "https://www.google.com.vn/", PerMinute: 60, AnswerWait: 8 * time.Second},
		Console:   Console{Enabled: true, Idle: 30 * time.Minute, Longest: 12 * time.Hour, OIDCClaim: "preferred_username", SecondFactor: []string{"officer", "supervisor", "administrator"}},
		Bulletin:  Bulletin{From: "07:30", To: "20:30"},
		Hotline:   Hotline{AckEmergency: 3 * time.Minute, AckUrgent: 30 * time.Minute},
		Retention: Retention{Messages: 30 * day, Idle: 90 * day, Unanswered: 180 * day},
	}
}

const day = 24 * time.Hour

// Load reads the settings: defaults, then the file (if any), then the environment. environ is os.Environ's form. A
// setting's twin with _FILE names a file that holds its value. Every wrong or unknown setting is named in the error.
func Load(file string, environ []string) (Config, error) {
	v := viper.NewWithOptions(viper.ExperimentalBindStruct())
	known := names(reflect.TypeFor[Config](), "")
	var errs []error
	if file != "" {
		v.SetConfigFile(file)
		if err := v.ReadInConfig(); err != nil {
			return Config{}, fmt.Errorf("settings file %s: %w", file, err)
		}
		for _, key := range v.AllKeys() {
			if !slices.Contains(known, key) {
				errs = append(errs, fmt.Errorf("settings file %s: unknown setting %q%s", file, key, nearest(key, known)))
			}
		}
	}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, EnvPrefix) || slices.Contains(ofTests, name) {
			continue
		}
		key, value, err := environmentSetting(name, value, known)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		v.Set(key, value)
	}
	c := Default()
	if err := errors.Join(errs...); err != nil {
		return c, err
	}
	err := v.Unmarshal(&c, func(d *mapstructure.DecoderConfig) { d.ZeroFields = false })
	if err != nil {
		return c, fmt.Errorf("settings: %w", err)
	}
	if c.DataDir == "" {
		c.DataDir = defaultDataDir(environ)
	}
	return c, c.Validate()
}

// environmentSetting finds the setting an environment variable gives, reading the file if it is a _FILE twin.
func environmentSetting(name, value string, known []string) (key, val string, err error) {
	for _, k := range known {
		switch name {
		case EnvName(k):
			return k, value, nil
		case EnvName(k) + "_FILE":
			data, err := os.ReadFile(value)
			if err != nil {
				return "", "", fmt.Errorf("%s: %w", name, err)
			}
			return k, strings.TrimSpace(string(data)), nil
		}
	}
	return "", "", fmt.Errorf("environment: unknown setting %s%s", name,
		nearest(strings.ToLower(strings.TrimPrefix(name, EnvPrefix)), known))
}

// EnvName is a setting's name in the environment.
func EnvName(key string) string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// names lists every setting below a struct type, "telegram.token" style.
func names(t reflect.Type, prefix string) []string {
	var out []string
	for f := range t.Fields() {
		name := prefix + f.Tag.Get("mapstructure")
		if f.Type.Kind() == reflect.Struct {
			out = append(out, names(f.Type, name+".")...)
		} else {
			out = append(out, name)
		}
	}
	return out
}

// nearest suggests the setting that was probably meant.
func nearest(key string, known []string) string {
	flat := func(s string) string { return strings.NewReplacer(".", "", "_", "", "-", "").Replace(s) }
	for _, k := range known {
		a, b := flat(key), flat(k)
		if a == b || strings.HasSuffix(b, a) || strings.HasSuffix(a, b) {
			return fmt.Sprintf("; did you mean %q?", k)
		}
	}
	return "; `treem doctor` lists them all"
}

// defaultDataDir is the service's folder under systemd, else the user's data folder.
func defaultDataDir(environ []string) string {
	env := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	if dir := env["STATE_DIRECTORY"]; dir != "" { // set by systemd for StateDirectory=
		return dir
	}
	if dir := env["XDG_DATA_HOME"]; dir != "" {
		return filepath.Join(dir, "treem")
	}
	if home, err := os.UserHomeDir(); err == nil {
		return filepath.Join(home, ".local", "share", "treem")
	}
	return "treem-data"
}
