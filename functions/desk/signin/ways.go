package signin

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/cascading-leadership/cascade/shared/platform/openid"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
)

// Config is by which ways staff sign in: the environment of this function beside that of
// every function.
type Config struct {
	// Link is on or off: whether staff can sign in by an emailed link.
	Link string `env:"CASCADE_SIGN_IN_LINK, default=on"`
	// Issuer is the OpenID provider at which staff sign in, "" for none, and Name what the
	// sign-in page calls it: its host, where it is not said.
	Issuer       string `env:"CASCADE_OPENID_ISSUER"`
	Name         string `env:"CASCADE_OPENID_NAME"`
	ClientID     string `env:"CASCADE_OPENID_CLIENT_ID"`
	ClientSecret string `env:"CASCADE_OPENID_CLIENT_SECRET"`
	HostedDomain string `env:"CASCADE_OPENID_HOSTED_DOMAIN"`
}

// Ways are the ways by which staff sign in, one of them at least.
type Ways struct {
	// Link says that they can by an emailed link.
	Link bool
	// Account is the service at which they have accounts, or nil; Name is its name.
	Account *openid.Provider
	Name    string
}

// The pages of signing in by an account, and after signing out of it.
const (
	accountPage   = "/desk/account"
	callbackPage  = "/desk/account/back"
	signedOutPage = "/desk/signed-out"
)

// NewWays are the ways that the configuration allows. The error names the setting that is
// missing or malformed.
func NewWays(c Config, rt *serve.Runtime) (*Ways, error) {
	if c.Link != "on" && c.Link != "off" {
		return nil, fmt.Errorf("environment: CASCADE_SIGN_IN_LINK is %q: it can be on or off", c.Link)
	}
	ways := &Ways{Link: c.Link == "on"}
	if c.Issuer == "" {
		switch {
		case !ways.Link:
			return nil, errors.New("environment: CASCADE_SIGN_IN_LINK is off and CASCADE_OPENID_ISSUER is missing: nobody could sign in; set one of them")
		case c.ClientID != "" || c.ClientSecret != "":
			return nil, errors.New("environment: CASCADE_OPENID_ISSUER is missing, which CASCADE_OPENID_CLIENT_ID and CASCADE_OPENID_CLIENT_SECRET are for")
		}
		return ways, nil
	}
	for name, value := range map[string]string{"CASCADE_OPENID_CLIENT_ID": c.ClientID, "CASCADE_OPENID_CLIENT_SECRET": c.ClientSecret} {
		if value == "" {
			return nil, fmt.Errorf("environment: %s is missing, which CASCADE_OPENID_ISSUER needs", name)
		}
	}
	at := openid.Config{Issuer: c.Issuer, ClientID: c.ClientID, ClientSecret: c.ClientSecret, HostedDomain: c.HostedDomain}
	if err := at.Check(); err != nil {
		return nil, fmt.Errorf("environment: CASCADE_OPENID_ISSUER %w", err)
	}
	if ways.Name = c.Name; c.Name == "" {
		u, err := url.Parse(c.Issuer)
		if err != nil {
			return nil, err // it was checked
		}
		ways.Name = u.Hostname()
	}
	ways.Account = openid.New(at, rt.PublicURL+callbackPage, rt.SignIn.Now)
	return ways, nil
}
