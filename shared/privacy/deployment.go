package privacy

import "strings"

// Deployment is where and by whom what the host runs is run, as its settings say. It is
// the same in each function that reads it.
type Deployment struct {
	// Mail is who sends emails: sendgrid, or smtp for a mail server.
	Mail string `env:"CASCADE_MAIL_PROVIDER, default=sendgrid"`
	// SendGrid and SMTP are their hosts.
	SendGrid string `env:"SENDGRID_HOST, default=https://api.sendgrid.com"`
	SMTP     string `env:"SMTP_HOST"`
	// Database is where Firestore keeps both databases, such as europe-west2; "" where
	// nobody has said.
	Database string `env:"CASCADE_DATABASE_LOCATION"`
	// Platform is who runs the machines and where, in words, and Watching who keeps logs and
	// figures.
	Platform string `env:"CASCADE_PLATFORM"`
	Watching string `env:"CASCADE_WATCHED_BY"`
	// SignIn is at whose accounts staff sign in: the issuer's address, or "".
	SignIn string `env:"CASCADE_OPENID_ISSUER"`
}

// Processor is who handles data for the host.
type Processor struct {
	Name, Does string
	// Gets is which data, and Where in which country, as far as the settings say.
	Gets, Where string
	// Transfer is what the host needs for data that leaves the United Kingdom; "" where
	// none leaves.
	Transfer string
	// Staff: it is data of those who work for the host alone.
	Staff bool
}

// notSaid is for what the settings leave open. The notice then says so, too.
const notSaid = "not stated: ask the host"

// The grounds on which data may leave the United Kingdom.
const (
	adequate    = "adequacy regulations cover it: nothing more is needed"
	safeguarded = "the contract with the provider needs the UK–US data bridge, or the UK addendum with an assessment of risk"
	unclear     = "the host has to find out where, and on what ground data may go there"
)

// Processors are those that a deployment has by its settings.
func (d Deployment) Processors() []Processor {
	var all []Processor
	where, transfer := located(d.Database)
	all = append(all, Processor{Name: "Google Cloud (Firestore)", Does: "stores both databases", Gets: "everything that is stored", Where: where, Transfer: transfer})
	platform := Processor{Name: "the platform that runs the functions", Does: "runs the programs", Gets: "everything that is read or written, while it is", Where: notSaid, Transfer: unclear}
	if d.Platform != "" {
		platform.Name, platform.Where, platform.Transfer = d.Platform, "as the name says", "by where that is: the host decides"
	}
	all = append(all, platform)
	switch {
	case d.Mail == "smtp":
		all = append(all, Processor{Name: "the mail server " + orElse(d.SMTP, "that the host has set"), Does: "sends emails", Gets: "names, addresses and what emails say", Where: notSaid, Transfer: unclear})
	case strings.Contains(d.SendGrid, "//api.eu."):
		all = append(all, Processor{Name: "Twilio SendGrid", Does: "sends emails, and reports what became of them", Gets: "names, addresses, what emails say, and a random id of each; its reports pass through the United States",
			Where: "European Union, and United States", Transfer: safeguarded})
	default:
		all = append(all, Processor{Name: "Twilio SendGrid", Does: "sends emails, and reports what became of them", Gets: "names, addresses, what emails say, and a random id of each", Where: "United States", Transfer: safeguarded})
	}
	if d.Watching != "" {
		all = append(all, Processor{Name: d.Watching, Does: "keeps logs and figures", Gets: "ids and states; no names, addresses or words", Where: "as the name says", Transfer: "by where that is: the host decides"})
	}
	if d.SignIn != "" {
		all = append(all, Processor{Name: "the provider of staff’s accounts, " + host(d.SignIn), Does: "signs staff in", Gets: "who of the staff signs in, and when", Where: notSaid, Transfer: unclear, Staff: true})
	}
	return all
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// host is an address without what stands around its host.
func host(address string) string {
	_, rest, ok := strings.Cut(address, "://")
	if !ok {
		rest = address
	}
	rest, _, _ = strings.Cut(rest, "/")
	return rest
}

// located is the country of one of Google Cloud's locations, and what data needs that goes
// there.
func located(location string) (where, transfer string) {
	switch l := strings.ToLower(location); {
	case l == "":
		return notSaid, unclear
	case l == "europe-west2":
		return "United Kingdom (" + location + ")", ""
	case l == "europe-west6":
		return "Switzerland (" + location + ")", adequate
	case strings.HasPrefix(l, "europe-"), l == "eur3", l == "eu":
		return "European Union (" + location + ")", adequate
	case strings.HasPrefix(l, "us-"), strings.HasPrefix(l, "nam"), l == "us":
		return "United States (" + location + ")", safeguarded
	}
	return location, unclear
}
