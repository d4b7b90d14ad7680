package store

import (
	"reflect"
	"strings"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/audit"
	"github.com/cascading-leadership/cascade/shared/budget"
	"github.com/cascading-leadership/cascade/shared/complaint"
	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/devicecode"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/erasure"
	"github.com/cascading-leadership/cascade/shared/evaluation"
	"github.com/cascading-leadership/cascade/shared/lookup"
	"github.com/cascading-leadership/cascade/shared/nomination"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/proposal"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
	"github.com/cascading-leadership/cascade/shared/register"
	"github.com/cascading-leadership/cascade/shared/reminder"
	"github.com/cascading-leadership/cascade/shared/request"
	"github.com/cascading-leadership/cascade/shared/sealed"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// Document is a type of document.
type Document struct {
	// Path is where its documents stand, with a star for each id, such as
	// "programmes/*/enrolments/*".
	Path string
	// Schema is the number of its present shape, which every write carries in the
	// field of that name. It goes up by one with a migration, see Migrations.
	Schema int
	// Type is the struct that it is read into.
	Type reflect.Type
	// Register says of each of its fields whether it is personal, and all that follows.
	Register *register.Document
}

// Collection is the name of its collections, which no other type of document has.
func (d *Document) Collection() string {
	parts := strings.Split(d.Path, "/")
	return parts[len(parts)-2]
}

// Documents are all types of documents of the database of people. What is in neither list
// cannot be written.
var Documents = []Document{
	{"programmes/*", 1, reflect.TypeFor[programme.Programme](), &programme.Register},
	{"programmes/*/logos/*", 1, reflect.TypeFor[programme.Picture](), &programme.PictureRegister},
	{"programmes/*/enrolments/*", 4, reflect.TypeFor[enrolment.Enrolment](), &enrolment.Register},
	{"programmes/*/claims/*", 1, reflect.TypeFor[enrolment.Claim](), &enrolment.ClaimRegister},
	{"programmes/*/nominations/*", 1, reflect.TypeFor[nomination.Nomination](), &nomination.Register},
	{"programmes/*/unclear/*", 1, reflect.TypeFor[enrolment.Unclear](), &enrolment.UnclearRegister},
	{"programmes/*/contacts/*", 1, reflect.TypeFor[contact.Contact](), &contact.Register},
	{"programmes/*/codes/*", 1, reflect.TypeFor[devicecode.Codes](), &devicecode.Register},
	{"programmes/*/drafts/*", 2, reflect.TypeFor[Draft](), &draftRegister},
	{"programmes/*/supervisors/*", 1, reflect.TypeFor[supervision.Supervisor](), &supervision.Register},
	{"programmes/*/decisions/*", 1, reflect.TypeFor[pairing.Decision](), &pairing.DecisionRegister},
	{"programmes/*/commitments/*", 1, reflect.TypeFor[proposal.Commitment](), &proposal.CommitmentRegister},
	{"programmes/*/runs/*", 2, reflect.TypeFor[Run](), &runRegister},
	{"programmes/*/runs/*/parts/*", 1, reflect.TypeFor[part](), &partRegister},
	{"programmes/*/runs/*/matches/*", 1, reflect.TypeFor[pairing.Match](), &pairing.MatchRegister},
	{"programmes/*/pairings/*", 1, reflect.TypeFor[pairing.Pairing](), &pairing.Register},
	{"programmes/*/grants/*", 1, reflect.TypeFor[pairing.Grants](), &pairing.GrantsRegister},
	{"programmes/*/pairings/*/sessions/*", 1, reflect.TypeFor[pairing.Session](), &pairing.SessionRegister},
	{"programmes/*/pairings/*/logs/*", 1, reflect.TypeFor[pairing.Log](), &pairing.LogRegister},
	{"programmes/*/pairings/*/shared/*", 1, reflect.TypeFor[pairing.Shared](), &pairing.SharedRegister},
	{"programmes/*/pairings/*/notebooks/*", 1, reflect.TypeFor[pairing.Notebook](), &pairing.NotebookRegister},
	{"programmes/*/pairings/*/endings/*", 1, reflect.TypeFor[pairing.Ending](), &pairing.EndingRegister},
	{"programmes/*/invitations/*", 1, reflect.TypeFor[questionnaire.Invitation](), &questionnaire.InvitationRegister},
	{"programmes/*/responses/*", 1, reflect.TypeFor[questionnaire.Former](), &questionnaire.FormerRegister},
	{"programmes/*/marks/*", 1, reflect.TypeFor[questionnaire.Marks](), &questionnaire.MarksRegister},
	{"programmes/*/erasures/*", 1, reflect.TypeFor[erasure.Erasure](), &erasure.Register},
	{"programmes/*/requests/*", 1, reflect.TypeFor[request.Request](), &request.Register},
	{"programmes/*/complaints/*", 1, reflect.TypeFor[complaint.Complaint](), &complaint.Register},
	{"programmes/*/sealedLetters/*", 1, reflect.TypeFor[sealed.Letter](), &sealed.Register},
	{"programmes/*/digests/*", 1, reflect.TypeFor[reminder.Digest](), &reminder.DigestRegister},
	{"staff/*", 2, reflect.TypeFor[Staff](), &staffRegister},
	{"staffSessions/*", 1, reflect.TypeFor[access.StaffSession](), &access.SessionRegister},
	{"links/*", 1, reflect.TypeFor[Link](), &linkRegister},
	{"outbox/*", 2, reflect.TypeFor[outbox.Message](), &outbox.Register},
	{"budgets/*", 1, reflect.TypeFor[budget.Part](), &budget.Register},
	{"quotas/*", 1, reflect.TypeFor[outbox.Quota](), &outbox.QuotaRegister},
	{"auditEntries/*", 1, reflect.TypeFor[audit.Entry](), &audit.Register},
	{"seals/*", 1, reflect.TypeFor[audit.Seal](), &audit.SealRegister},
	{"seals/*/sealParts/*", 1, reflect.TypeFor[audit.Part](), &audit.PartRegister},
	{"audit/*", 1, reflect.TypeFor[formerAuditEntry](), &formerAuditRegister},
	{"erased/*", 1, reflect.TypeFor[erasure.Tombstone](), &erasure.TombstoneRegister},
	{"erasedAnswers/*", 1, reflect.TypeFor[questionnaire.Tombstone](), &questionnaire.TombstoneRegister},
	{"compared/*", 1, reflect.TypeFor[erasure.Compared](), &erasure.ComparedRegister},
	{"organisations/*", 1, reflect.TypeFor[lookup.Published](), &lookup.PublishedRegister},
	{"organisationParts/*", 1, reflect.TypeFor[lookup.Part](), &lookup.PartRegister},
	{"heartbeats/*", 1, reflect.TypeFor[Heartbeat](), &heartbeatRegister},
	{"due/*", 1, reflect.TypeFor[diaryDays](), &diaryDaysRegister},
	{"due-*/*", 1, reflect.TypeFor[Due](), &dueRegister},
}

// AnswerDocuments are all types of documents of the database of answers, see Answers. None
// has the name of a collection of the other database.
var AnswerDocuments = []Document{
	{"programmes/*/answers/*", 1, reflect.TypeFor[questionnaire.Response](), &questionnaire.ResponseRegister},
	{"programmes/*/saved/*", 1, reflect.TypeFor[questionnaire.Saved](), &questionnaire.SavedRegister},
	{"programmes/*/agreed/*", 1, reflect.TypeFor[questionnaire.Agreed](), &questionnaire.AgreedRegister},
	{"programmes/*/secrets/*", 1, reflect.TypeFor[questionnaire.Secret](), &questionnaire.SecretRegister},
	{"programmes/*/releases/*", 1, reflect.TypeFor[evaluation.Release](), &evaluation.ReleaseRegister},
	{"programmes/*/bases/*", 1, reflect.TypeFor[evaluation.Basis](), &evaluation.BasisRegister},
}

// documents are the types of both databases by their collections, and inAnswers are those
// in the database of answers.
var documents, inAnswers = func() (all map[string]*Document, answers map[string]bool) {
	all, answers = map[string]*Document{}, map[string]bool{}
	for _, list := range [][]Document{Documents, AnswerDocuments} {
		for i := range list {
			all[list[i].Collection()] = &list[i]
		}
	}
	for _, d := range AnswerDocuments {
		answers[d.Collection()] = true
	}
	return all, answers
}()

// DocumentOf is the type of a document by the name of its collection, or nil.
func DocumentOf(collection string) *Document {
	if strings.HasPrefix(collection, "due-") { // the diary has a collection a day
		collection = "due-*"
	}
	return documents[collection]
}

// pathOf is where a document stands in its database.
func pathOf(ref *firestore.DocumentRef) string {
	_, path, _ := strings.Cut(ref.Path, "/documents/")
	return path
}

func typeOf(ref *firestore.DocumentRef) *Document { return DocumentOf(ref.Parent.ID) }
