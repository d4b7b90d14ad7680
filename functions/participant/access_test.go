package participant

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/complaint"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func TestWhoMayOpenWhat(t *testing.T) {
	b := inDirectory(t)
	b.match(pairing.Released)
	b.bind(false)
	b.pair()
	b.booked("s", time.Hour)
	b.enrol(ready("dis", programme.Client), ready("mo", programme.Client, func(e *enrolment.Enrolment) {
		e.NewEmail, e.NewEmailAt = "mo.new@example.org", b.Now()
	}))
	match := store.Link{Person: "alex", Role: programme.Client, IDs: outbox.IDs{Run: "r", Match: "m"}}
	choose := store.Link{Person: "ann", Role: programme.Client}
	session := store.Link{Person: "alex", Role: programme.Client, IDs: outbox.IDs{Pairing: "x"}}
	asking := store.Link{Person: "zoe", Role: programme.Consultant, IDs: outbox.IDs{Pairing: "x"}}
	emails := store.Link{Person: "alex", Role: programme.Client}
	var leavers []store.Link
	for i := range 5 {
		leaver := ready(fmt.Sprint("leo", i), programme.Client)
		b.enrol(leaver)
		leavers = append(leavers, store.Link{Person: leaver.ID, Role: leaver.Role})
	}
	disowner, mover := store.Link{Person: "dis", Role: programme.Client}, store.Link{Person: "mo", Role: programme.Client}
	person, s := map[string]string{"person": "yan"}, map[string]string{"session": "s"}
	answering := store.Link{Person: complaint.Recipient, IDs: outbox.IDs{Complaint: "c"}, Generation: complaint.Answerer(b.Programme).Generation}
	b.change("alex", func(e *enrolment.Enrolment) {
		e.Assistant = enrolment.Assistant{Email: "pat@example.org", AgreedAt: b.Now(), Generation: 1}
	})
	assists := store.Link{Person: "alex", Role: programme.Client, Generation: 1}
	inX := map[string]string{"pairing": "x"}
	b.Access(map[string]testbed.Example{
		"GET /match/{link}":           {Link: match, Status: 200},
		"GET /match/{link}/check":     {Link: match, Status: 200},
		"GET /match/{link}/check/row": {Link: match, Status: 200},
		"GET /match/{link}/accept":    {Link: match, Status: 200},
		"POST /match/{link}/accept":   {Link: match, Status: 422},
		"GET /match/{link}/decline":   {Link: match, Status: 200},
		"POST /match/{link}/decline":  {Link: match, Status: 422},
		"POST /match/{link}/conflict": {Link: match, Status: 422},
		"GET /match/{link}/question":  {Link: match, Status: 200},
		"POST /match/{link}/question": {Link: match, Status: 422},
		"POST /match/{link}/sessions": {Link: match, Status: 303}, // to the match, since nobody has accepted
		"GET /match/{link}/notice":    {Link: match, Status: 200},
		"POST /match/{link}/notice":   {Link: match, Form: url.Values{"do": {"agree"}}, Status: 422},
		"POST /match/{link}/mine":     {Link: match, Status: 303},
		"POST /match/{link}/my":       {Link: match, Status: 303},
		"GET /match/{link}/leave":     {Link: match, Status: 200},
		"POST /match/{link}/leave":    {Link: leavers[0], Status: 303, Closes: true},

		"GET /choose/{link}":                {Link: choose, Status: 200},
		"POST /choose/{link}":               {Link: choose, Status: 404}, // they choose, and do not rank
		"GET /choose/{link}/with/{person}":  {Link: choose, Path: person, Status: 200},
		"POST /choose/{link}/with/{person}": {Link: choose, Path: person, Status: 422},
		"GET /choose/{link}/decline":        {Link: choose, Status: 409}, // nobody is chosen yet
		"POST /choose/{link}/decline":       {Link: choose, Status: 409},
		"GET /choose/{link}/notice":         {Link: choose, Status: 200},
		"POST /choose/{link}/notice":        {Link: choose, Form: url.Values{"do": {"agree"}}, Status: 422},
		"POST /choose/{link}/mine":          {Link: choose, Status: 303},
		"POST /choose/{link}/my":            {Link: choose, Status: 303},
		"GET /choose/{link}/leave":          {Link: choose, Status: 200},
		"POST /choose/{link}/leave":         {Link: leavers[1], Status: 303, Closes: true},

		"GET /pairing/{link}":                   {Link: session, Status: 200},
		"GET /pairing/{link}/agreed":            {Link: session, Status: 303}, // to the code
		"POST /pairing/{link}/agreed":           {Link: session, Status: 403},
		"GET /pairing/{link}/book":              {Link: session, Status: 200},
		"POST /pairing/{link}/book":             {Link: session, Status: 409}, // no form that is up to date
		"GET /pairing/{link}/note/{session}":    {Link: session, Path: s, Status: 200},
		"POST /pairing/{link}/note/{session}":   {Link: session, Path: s, Status: 303},
		"GET /pairing/{link}/notebook":          {Link: session, Status: 303}, // to the code
		"POST /pairing/{link}/notebook":         {Link: session, Form: url.Values{"do": {"ring"}}, Status: 403},
		"GET /pairing/{link}/story":             {Link: session, Status: 303},
		"GET /pairing/{link}/bank":              {Link: asking, Status: 200},
		"GET /pairing/{link}/ending":            {Link: session, Status: 200},
		"POST /pairing/{link}/ending":           {Link: session, Status: 303},
		"GET /pairing/{link}/propose":           {Link: session, Status: 200},
		"POST /pairing/{link}/propose":          {Link: session, Status: 422},
		"POST /pairing/{link}/further":          {Link: session, Form: url.Values{"do": {"further-agree"}}, Status: 409}, // nobody asks for one
		"POST /pairing/{link}/pick":             {Link: session, Status: 409},                                            // nothing is proposed
		"GET /pairing/{link}/move/{session}":    {Link: session, Path: s, Status: 200},
		"POST /pairing/{link}/move/{session}":   {Link: session, Path: s, Status: 409}, // no form that is up to date
		"GET /pairing/{link}/cancel/{session}":  {Link: session, Path: s, Status: 200},
		"POST /pairing/{link}/cancel/{session}": {Link: session, Path: s, Status: 409},
		"GET /pairing/{link}/log/{session}":     {Link: session, Path: s, Status: 200},
		"POST /pairing/{link}/log/{session}":    {Link: session, Path: s, Status: 422},
		"GET /pairing/{link}/code":              {Link: session, Status: 200},
		"POST /pairing/{link}/code":             {Link: session, Form: url.Values{"do": {"give"}}, Status: 422},
		"POST /pairing/{link}/finish":           {Link: session, Status: 409}, // two sessions are the least
		"GET /pairing/{link}/pause":             {Link: session, Status: 200},
		"POST /pairing/{link}/pause":            {Link: session, Status: 422},
		"POST /pairing/{link}/resume":           {Link: session, Status: 303},
		"GET /pairing/{link}/stop":              {Link: session, Status: 200},
		"POST /pairing/{link}/stop":             {Link: session, Status: 422},
		"POST /pairing/{link}/next":             {Link: session, Status: 409}, // it goes on
		"POST /pairing/{link}/emails":           {Link: session, Status: 303},
		"GET /pairing/{link}/notice":            {Link: session, Status: 200},
		"POST /pairing/{link}/notice":           {Link: session, Form: url.Values{"do": {"agree"}}, Status: 422},
		"POST /pairing/{link}/mine":             {Link: session, Status: 303},
		"POST /pairing/{link}/my":               {Link: session, Status: 303},
		"GET /pairing/{link}/leave":             {Link: session, Status: 200},
		"POST /pairing/{link}/leave":            {Link: leavers[2], Status: 303, Closes: true},

		"GET /emails/{link}":          {Link: emails, Status: 200},
		"GET /emails/{$}":             {Status: 200},
		"POST /emails/{$}":            {Form: url.Values{"email": {"nobody@example.org"}}, Status: 303},
		"GET /emails/{link}/code":     {Link: emails, Status: 200},
		"POST /emails/{link}/code":    {Link: emails, Status: 404}, // it says nothing of what is to be done
		"GET /emails/{link}/address":  {Link: emails, Status: 303},
		"POST /emails/{link}/address": {Link: emails, Status: 403},
		"POST /emails/{link}/not-me":  {Link: disowner, Status: 303, Closes: true},
		"GET /address/{link}":         {Link: mover, Status: 200},
		"POST /address/{link}":        {Link: mover, Status: 200}, // which has not seen the page
		"GET /emails/{link}/notice":   {Link: emails, Status: 200},
		"POST /emails/{link}/notice":  {Link: emails, Form: url.Values{"do": {"agree"}}, Status: 422},
		"GET /emails/{link}/leave":    {Link: emails, Status: 200},
		"POST /emails/{link}/leave":   {Link: leavers[3], Status: 303, Closes: true},
		"POST /emails/{link}":         {Link: emails, Form: url.Values{"do": {"must"}}, Status: 303},
		"POST /emails/{link}/mine":    {Link: emails, Status: 303},
		"POST /emails/{link}/my":      {Link: emails, Status: 303},

		// Behind the code that a device has to give.
		"GET /my/{link}":                    {Link: emails, Status: 303},
		"GET /my/{link}/code":               {Link: emails, Status: 200},
		"POST /my/{link}/code":              {Link: emails, Status: 404},
		"POST /my/{link}/open/{what}/{id}":  {Link: emails, Path: map[string]string{"what": "emails", "id": "all"}, Status: 403},
		"POST /my/{link}/mine":              {Link: emails, Status: 303},
		"GET /my/{link}/notice":             {Link: emails, Status: 200},
		"POST /my/{link}/notice":            {Link: emails, Form: url.Values{"do": {"agree"}}, Status: 422},
		"GET /my/{link}/leave":              {Link: emails, Status: 303},
		"POST /my/{link}/leave":             {Link: emails, Status: 403},
		"GET /my/{link}/free":               {Link: emails, Status: 303}, // to the code
		"POST /my/{link}/free":              {Link: emails, Status: 403},
		"GET /my/{link}/chair/{when}":       {Link: emails, Path: map[string]string{"when": "before"}, Status: 303}, // to the code
		"POST /my/{link}/chair/{when}":      {Link: emails, Path: map[string]string{"when": "before"}, Status: 403},
		"GET /my/{link}/pass-on":            {Link: emails, Status: 303},
		"POST /my/{link}/pass-on":           {Link: emails, Status: 403},
		"GET /my/{link}/new-leader/{side}":  {Link: emails, Path: map[string]string{"side": "seek"}, Status: 303},
		"POST /my/{link}/new-leader/{side}": {Link: emails, Path: map[string]string{"side": "seek"}, Status: 403},
		"GET /my/{link}/hours":              {Link: emails, Status: 303},
		"GET /my/{link}/hours/download":     {Link: emails, Status: 303},
		"GET /my/{link}/myself":             {Link: emails, Status: 303},
		"POST /my/{link}/myself":            {Link: emails, Status: 403},
		"GET /my/{link}/complain":           {Link: emails, Status: 303}, // to the code
		"POST /my/{link}/complain":          {Link: emails, Status: 403},
		"GET /complaint/{link}":             {Link: answering, Status: 303},
		"POST /complaint/{link}":            {Link: answering, Status: 403},
		"GET /complaint/{link}/code":        {Link: answering, Status: 200},
		"POST /complaint/{link}/code":       {Link: answering, Form: url.Values{"do": {"give"}}, Status: 422},

		"GET /my/{link}/assistant":                 {Link: emails, Status: 303}, // to the code
		"POST /my/{link}/assistant":                {Link: emails, Status: 403},
		"GET /assistant/{link}":                    {Link: assists, Status: 303}, // to the one pairing
		"POST /assistant/{link}":                   {Link: assists, Form: url.Values{"do": {"yes"}}, Status: 303},
		"GET /assistant/{link}/times/{pairing}":    {Link: assists, Path: inX, Status: 200},
		"POST /assistant/{link}/pick/{pairing}":    {Link: assists, Path: inX, Status: 409},
		"GET /assistant/{link}/propose/{pairing}":  {Link: assists, Path: inX, Status: 200},
		"POST /assistant/{link}/propose/{pairing}": {Link: assists, Path: inX, Status: 422},

		"GET /mine/{link}":                         {Link: emails, Status: 303},
		"POST /mine/{link}/my":                     {Link: emails, Status: 303},
		"GET /mine/{link}/code":                    {Link: emails, Status: 200},
		"POST /mine/{link}/code":                   {Link: emails, Status: 404},
		"GET /mine/{link}/correct/{side}/{group}":  {Link: emails, Path: map[string]string{"side": "seek", "group": "you"}, Status: 303},
		"POST /mine/{link}/correct/{side}/{group}": {Link: emails, Path: map[string]string{"side": "seek", "group": "you"}, Status: 403},
		"POST /mine/{link}/others":                 {Link: emails, Status: 403},
		"GET /mine/{link}/download":                {Link: emails, Status: 303},
		"GET /mine/{link}/download/{file}":         {Link: emails, Path: map[string]string{"file": "data.json"}, Status: 303},
		"POST /mine/{link}/emails":                 {Link: emails, Status: 303},
		"GET /mine/{link}/notice":                  {Link: emails, Status: 200},
		"POST /mine/{link}/notice":                 {Link: emails, Form: url.Values{"do": {"agree"}}, Status: 422},
		"GET /mine/{link}/leave":                   {Link: emails, Status: 200},
		"POST /mine/{link}/leave":                  {Link: leavers[4], Status: 303, Closes: true},
		"GET /mine/{link}/erase":                   {Link: emails, Status: 303},
		"POST /mine/{link}/erase":                  {Link: emails, Status: 403},
		"POST /mine/{link}/stop-erasing":           {Link: emails, Status: 403},
		"GET /erase/{link}":                        {Link: emails, Status: 200},
		"POST /erase/{link}":                       {Link: emails, Status: 303}, // nothing waits
	}, "Alex", "Zoe", "Ann", "Yan", "Trust", "Leeds")
}
