package mailbox

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"unicode"

	sgmail "github.com/sendgrid/sendgrid-go/helpers/mail"
)

// findings are what is wrong with a request, by SendGrid's rules and in its words.
type findings []wrong

// help is where SendGrid's errors are explained.
const help = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#"

func (f *findings) add(field, anchor, message string) {
	anchor = help + anchor
	*f = append(*f, wrong{message, &field, &anchor})
}

// check is all that is wrong with a request.
func check(v *sgmail.SGMailV3) findings {
	var found findings
	found.recipients(v)
	found.sender(v)
	found.content(v)
	found.headers(v)
	for i, a := range v.Attachments {
		if a == nil || a.Content == "" || a.Filename == "" || strings.ContainsAny(a.Type, ";\r\n") {
			found.add(fmt.Sprintf("attachments.%d", i), "message.attachments", "The attachment needs content and a filename, and its type cannot contain ';' or CRLF.")
		}
	}
	return found
}

func (f *findings) recipients(v *sgmail.SGMailV3) {
	if len(v.Personalizations) == 0 {
		f.add("personalizations", "-Personalizations-Errors", "The personalizations field is required and must have at least one personalization.")
	}
	untitled := false
	for i, p := range v.Personalizations {
		block := fmt.Sprintf("personalizations.%d", i)
		if p == nil || len(p.To) == 0 {
			f.add(block+".to", "message.personalizations.to", "The to array is required for all personalization objects, and must have at least one email object with a valid email address.")
			continue
		}
		untitled = untitled || p.Subject == ""
		seen := map[string]bool{}
		for _, part := range []struct {
			name string
			all  []*sgmail.Email
		}{{"to", p.To}, {"cc", p.CC}, {"bcc", p.BCC}} {
			for n, e := range part.all {
				field := fmt.Sprintf("%s.%s.%d.email", block, part.name, n)
				switch {
				case e == nil || e.Address == "":
					f.add(field, "message.personalizations."+part.name, "The "+part.name+" email parameter is required.")
				case !sendable(e.Address) || begins(e.Address, "refused"): // an address to try that with
					f.add(field, "message.personalizations."+part.name, "Does not contain a valid address.")
				case seen[strings.ToLower(e.Address)]:
					f.add(block, "message.recipient-errors", fmt.Sprintf("Each email address in the personalization block should be unique between to, cc, and bcc. We found the first duplicate instance of [%s] in the %s.%s field.", e.Address, block, part.name))
				default:
					seen[strings.ToLower(e.Address)] = true
				}
			}
		}
	}
	if v.Subject == "" && (untitled || len(v.Personalizations) == 0) {
		f.add("subject", "message.subject", "The subject is required. You can get around this requirement if you use a template with a subject defined or if every personalization has a subject defined.")
	}
}

func (f *findings) sender(v *sgmail.SGMailV3) {
	switch {
	case v.From == nil || v.From.Address == "":
		f.add("from.email", "message.from", `The from object must be provided for every email send. It is an object that requires the email parameter, but may also contain a name parameter.  e.g. {"email" : "example@example.com"}  or {"email" : "example@example.com", "name" : "Example Recipient"}.`)
	case !sendable(v.From.Address):
		f.add("from.email", "message.from", "The from email does not contain a valid address.")
	}
	if v.ReplyTo != nil && !sendable(v.ReplyTo.Address) {
		f.add("reply_to.email", "message.reply_to", "The reply_to email does not contain a valid address.")
	}
}

func (f *findings) content(v *sgmail.SGMailV3) {
	if len(v.Content) == 0 {
		f.add("content", "message.content", "Unless a valid template_id is provided, the content parameter is required. There must be at least one defined content block. We typically suggest both text/plain and text/html blocks are included, but only one block is required.")
	}
	order := map[string]int{"text/plain": 0, "text/html": 1}
	before := -1
	for i, c := range v.Content {
		if c == nil || c.Value == "" || c.Type == "" {
			f.add(fmt.Sprintf("content.%d.value", i), "message.content.value", "The content value must be a string at least one character in length.")
			continue
		}
		// The one parameter that SendGrid lets through, for invitations.
		if c.Type != "text/calendar; method=REQUEST" && strings.ContainsAny(c.Type, ";\r\n") {
			f.add(fmt.Sprintf("content.%d.type", i), "message.content.type", "The content type cannot contain ';', or CRLF characters.")
			continue
		}
		at, known := order[c.Type]
		if !known {
			at = 2
		}
		if at < before {
			f.add("content", "message.content", "If present, text/plain must be the first content type, followed by text/html, followed by any other content.")
		}
		before = at
	}
}

// reserved are the headers that SendGrid writes itself.
var reserved = []string{
	"x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-transfer-encoding", "content-type", "to", "from", "subject", "reply-to", "cc", "bcc",
}

func (f *findings) headers(v *sgmail.SGMailV3) {
	all := []map[string]string{v.Headers}
	for _, p := range v.Personalizations {
		if p != nil {
			all = append(all, p.Headers)
		}
	}
	for _, headers := range all {
		for name := range headers {
			if slices.Contains(reserved, strings.ToLower(name)) {
				f.add("headers", "message.headers", "The header "+name+" is reserved.")
			}
		}
	}
}

// sendable reports whether SendGrid sends to an address: to ASCII alone, as RFC 5321 has
// it. What it takes at first and then drops as invalid, such as letters with accents
// before the @, is refused here at once, so that a test sees it.
func sendable(address string) bool {
	if strings.ContainsFunc(address, func(r rune) bool { return r > unicode.MaxASCII || unicode.IsControl(r) }) {
		return false
	}
	read, err := mail.ParseAddress(address)
	if err != nil || read.Name != "" || read.String() != "<"+address+">" {
		return false
	}
	at := strings.LastIndexByte(address, '@')
	labels := strings.Split(address[at+1:], ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") || strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	last := labels[len(labels)-1]
	return at <= 64 && len(address) <= 254 && len(labels) > 1 && strings.Trim(last, "0123456789") != ""
}
