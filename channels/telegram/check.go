package telegram

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

// Check asks Telegram whether the settings work, without disturbing a running program: it does not poll. Its error
// says what to do. If this channel is running and cannot receive at the moment, it says since when and why.
func (c *Channel) Check(ctx context.Context) error {
	if t := c.Trouble(); t != "" {
		return errors.New("telegram: " + t)
	}
	if _, err := c.api.bot.GetMe(ctx); err != nil {
		return errors.New("telegram: " + explain(provider.Of(err)))
	}
	hook, err := c.api.bot.GetWebhookInfo(ctx)
	if err != nil {
		return errors.New("telegram: " + explain(provider.Of(err)))
	}
	if c.cfg.Mode == ModePolling {
		if hook.URL != "" {
			return fmt.Errorf("telegram: a web hook to %s is set for this bot, so polling receives nothing; "+
				"starting treem removes it, unless another program sets it again", host(hook.URL))
		}
		return nil
	}
	return c.checkHook(hook)
}

// checkHook compares what Telegram has registered with the settings.
func (c *Channel) checkHook(hook *models.WebhookInfo) error {
	switch {
	case c.cfg.WebhookSecret == "":
		return errors.New("telegram: telegram.webhook_secret is not set, so every update is refused; set it")
	case hook.URL == "":
		return errors.New("telegram: no web hook is registered; start treem with public_url set")
	case c.cfg.PublicURL != "" && hook.URL != c.webhookURL():
		return fmt.Errorf("telegram: the web hook registered goes to %s and not to public_url; start treem again, "+
			"and see that no other program uses this bot", host(hook.URL))
	case hook.LastErrorDate != 0 && hook.PendingUpdateCount > 0:
		return fmt.Errorf("telegram: Telegram cannot deliver to public_url: %d updates wait, last error at %s: %s",
			hook.PendingUpdateCount, at(hook.LastErrorDate).Format(time.RFC3339), scrub(hook.LastErrorMessage))
	}
	return nil
}

// host names a web hook's server only: its path may hold a secret.
func host(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return "another address"
}

// describe sets the menu and the descriptions in every language, best effort: nothing depends on them.
func (c *Channel) describe(ctx context.Context) {
	c.describeIn(ctx, "", c.cfg.Profile)
	for _, language := range slices.Sorted(maps.Keys(c.cfg.Languages)) {
		c.describeIn(ctx, language, c.cfg.Languages[language])
	}
}

func (c *Channel) describeIn(ctx context.Context, language string, p Profile) {
	commands := make([]models.BotCommand, 0, len(p.Commands))
	for _, command := range p.Commands {
		commands = append(commands, models.BotCommand{Command: command.Name, Description: command.Description})
	}
	if len(commands) > 0 {
		_, err := c.api.bot.SetMyCommands(ctx, &bot.SetMyCommandsParams{Commands: commands, LanguageCode: language})
		c.notDescribed("setMyCommands", err)
	}
	if p.Description != "" {
		_, err := c.api.bot.SetMyDescription(ctx, &bot.SetMyDescriptionParams{Description: p.Description, LanguageCode: language})
		c.notDescribed("setMyDescription", err)
	}
	if p.ShortDescription != "" {
		_, err := c.api.bot.SetMyShortDescription(ctx, &bot.SetMyShortDescriptionParams{
			ShortDescription: p.ShortDescription, LanguageCode: language,
		})
		c.notDescribed("setMyShortDescription", err)
	}
}

func (c *Channel) notDescribed(method string, err error) {
	if err != nil {
		c.log.Info("the app's menu or description could not be set", "method", method, "error", provider.Of(err))
	}
}
