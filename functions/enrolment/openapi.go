package enrolment

import (
	"encoding/json"
	"net/http"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// object is a JSON object of the description.
type object = map[string]any

// describe is how a programme's people are enrolled from elsewhere, as OpenAPI 3.1
// (https://spec.openapis.org/oas/v3.1.1.html): made from the form, the programme's lists and the
// statuses that the handlers answer with.
func (s *site) describe(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.programmeAndRole(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Access-Control-Allow-Origin", "*") // it is anybody's to read
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(description(p, s.PublicURL))
}

func description(p *programme.Programme, at string) object {
	schemas := object{
		"Accepted": object{
			"type": "object", "required": []string{"id", "next"}, "additionalProperties": false,
			"properties": object{
				"id":         object{"type": "string", "description": "the same for the same answers"},
				"next":       object{"type": "string"},
				"suggestion": object{"type": "string", "description": "the address that may be meant, where the one that was sent looks like a slip"},
			},
		},
		"Problem": object{
			"type": "object", "required": []string{"title", "status"}, "additionalProperties": false, "description": "RFC 9457",
			"properties": object{
				"title": object{"type": "string"}, "status": object{"type": "integer"}, "detail": object{"type": "string", "description": "what to do, in a sentence"},
				"fields": object{
					"type": "array", "description": "what to correct, an input each",
					"items": object{"type": "object", "required": []string{"name", "message"}, "additionalProperties": false, "properties": object{"name": object{"type": "string"}, "message": object{"type": "string"}}},
				},
			},
		},
	}
	paths := object{}
	for _, role := range programme.Roles {
		document, posted := enrolment.Describe(p, role)
		name := programme.Capital(role.Side())
		schemas[name], schemas[name+"Form"] = document, posted
		paths["/enrol/"+p.ID+"/"+role.Side()] = object{"post": object{
			"operationId": role.Side(),
			"summary":     "Enrol as " + p.Terms.Say(map[programme.Role]string{programme.Client: "{a client}", programme.Consultant: "{a consultant}"}[role]),
			"description": "It counts once whoever reads the email address has confirmed it. The same answers are taken once, however often they are sent, and the answer is the same whoever takes part. " +
				"A page of a website sends them as a form or by a script, once the website is listed in the programme’s setting origins; any other program sends them as JSON.",
			"requestBody": object{"required": true, "content": object{
				"application/json":                  object{"schema": reference(name)},
				"application/x-www-form-urlencoded": object{"schema": reference(name + "Form"), "encoding": encodings(posted)},
			}},
			"responses": responses(),
		}}
	}
	return object{
		"openapi": "3.1.0",
		"info":    object{"title": p.Name + ": enrolling from elsewhere", "version": p.Privacy.Version, "description": p.About, "contact": object{"name": p.Host.Contact, "email": p.Host.Email}},
		"servers": []object{{"url": at}},
		"paths":   paths, "components": object{"schemas": schemas},
	}
}

// encodings let what a form posts stand as browsers write it.
func encodings(posted enrolment.Schema) object {
	all := object{}
	for name := range posted["properties"].(object) {
		all[name] = object{"allowReserved": true}
	}
	return all
}

func reference(schema string) object { return object{"$ref": "#/components/schemas/" + schema} }

// responses are all answers to an enrolment that is sent at once: a page where a form was sent
// and no JSON asked for, and else JSON.
func responses() object {
	problem := func(what string) object {
		return object{"description": what, "content": object{
			"application/problem+json": object{"schema": reference("Problem")},
			"text/html":                object{"schema": object{"type": "string"}},
		}}
	}
	return object{
		"202": object{"description": "taken, and waits to be confirmed by the link in the email", "content": object{"application/json": object{"schema": reference("Accepted")}}},
		"303": object{"description": "taken, of a form: the page that follows says to look into one’s mailbox", "headers": object{"Location": object{"required": true, "schema": object{"type": "string"}}}},
		"400": problem("it cannot be read"),
		"403": problem("the website is not listed in the programme’s setting origins"),
		"404": problem("there is no such programme"),
		"410": problem("the programme is over"),
		"413": problem("it is larger than 64 kB"),
		"415": problem("it is neither JSON nor a form"),
		"422": problem("some answers need to be corrected"),
		"429": problem("too much was sent from there, or to the programme: again after the time in Retry-After"),
		"500": problem("something went wrong here"),
		"503": problem("not available right now"),
	}
}
