// Package language finds beside an English text the same in another language. English stands
// in place, in the code and in the templates, so that they can be read: it is the key.
//
// What is found here has been written for the software. Nobody is shown it until a programme
// says that it was reviewed, see programme.Translation.
package language

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"
)

// Language is one in which people read, as its BCP 47 tag. The zero value is English.
type Language string

// The languages beside English.
const (
	English Language = ""
	Welsh   Language = "cy"
)

// Others are all but English.
var Others = []Language{Welsh}

//go:embed *.yaml
var files embed.FS

// beside are for each language the texts that it has beside the English ones. They are read
// when they are first asked for, which a programme in English alone never does.
var beside = func() map[Language]func() map[string]string {
	all := map[Language]func() map[string]string{}
	for _, l := range Others {
		all[l] = sync.OnceValue(func() map[string]string {
			texts := map[string]string{}
			source, err := files.ReadFile(string(l) + ".yaml")
			if err == nil {
				err = yaml.Unmarshal(source, &texts)
			}
			if err != nil {
				panic(fmt.Sprintf("language %s: %v", l, err)) // it is in the program, and a test reads it
			}
			return texts
		})
	}
	return all
}()

// Of is the language of a tag; English for one that there is not.
func Of(tag string) Language {
	if l := Language(tag); slices.Contains(Others, l) {
		return l
	}
	return English
}

// Tag is the language as HTML names it.
func (l Language) Tag() string {
	if l == English {
		return "en"
	}
	return string(l)
}

// Name is how the language calls itself.
func (l Language) Name() string {
	return map[Language]string{English: "English", Welsh: "Cymraeg"}[l]
}

// Find is the text beside an English one, and whether there is one.
func (l Language) Find(english string) (string, bool) {
	texts, ok := beside[l]
	if !ok {
		return english, l == English
	}
	text, ok := texts()[english]
	return text, ok
}

// Say is an English text in the language, with values in the place of its verbs as fmt has
// them; in English where there is none beside it. Roles in braces stand as they are, see
// programme.Terms.
func (l Language) Say(english string, values ...any) string {
	text, ok := l.Find(english)
	if !ok {
		text = english
	}
	if len(values) == 0 {
		return text
	}
	return fmt.Sprintf(text, values...)
}

// Date is a time in a layout of package time, with the names of months and days in the language.
func (l Language) Date(t time.Time, layout string) string {
	english := t.Format(layout)
	if l == English {
		return english
	}
	for _, name := range []string{t.Weekday().String(), t.Month().String()} {
		english = strings.Replace(english, name, l.Say(name), 1)
	}
	return english
}

// List joins words as a sentence does: "a, b or c", where last is what stands before the last,
// in English.
func (l Language) List(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words)
	return strings.Join(words[:n-1], ", ") + " " + l.Say(last) + " " + words[n-1]
}

// Texts are all English texts that have one beside them, in order, for who reviews them.
func (l Language) Texts() []string {
	if texts, ok := beside[l]; ok {
		return slices.Sorted(maps.Keys(texts()))
	}
	return nil
}

// Digest tells the texts of a language as they are now from others: what somebody has reviewed
// is that of one digest.
func (l Language) Digest() string {
	if digest, ok := digests[l]; ok {
		return digest()
	}
	return ""
}

// digests are of each language, made once: each page that could be in one asks.
var digests = func() map[Language]func() string {
	all := map[Language]func() string{}
	for _, l := range Others {
		all[l] = sync.OnceValue(func() string {
			sum := sha256.New()
			for _, english := range l.Texts() {
				text, _ := l.Find(english)
				fmt.Fprintf(sum, "%q %q\n", english, text)
			}
			return hex.EncodeToString(sum.Sum(nil)[:16])
		})
	}
	return all
}()
