package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/held"
	changes "github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func correctPersonCommand() *cobra.Command {
	var w whom
	var side, answers string
	c := &cobra.Command{
		Use: "correct", Short: "Correct what somebody answered", Args: cobra.NoArgs,
		Long: "Correct what somebody answered who takes part, as they asked. Answers are JSON as a form is sent in it, of as many as are to change: name,\n" +
			"phone, organisation, number, postcode, region, income, categories, strengths, skills, experience, availability, meeting, languages, capacity,\n" +
			"conflicts, situation, hopes, offering, introduction, heard, mention, bids. Each is\n" +
			"held to the same rules as on the pages. An address is changed at the desk, since links hang on it.",
		Example: "  cascade person correct --programme north --email alex@example.org --reason 'They rang on 3 March' --answers '{\"phone\": \"020 7946 0123\"}'\n" +
			"  cascade person correct --programme north --email alex@example.org --role consultant --reason 'By letter' --answers '{\"skills\": {\"coaching\": 3, \"board\": 2}}'",
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			db, err := open(ctx)
			if err != nil {
				return err
			}
			defer db.Close()
			p, who, err := w.find(ctx, db, "corrected what somebody answered")
			if err != nil {
				return err
			}
			e, err := inRole(who, side)
			if err != nil {
				return err
			}
			f, named, err := overlay(enrolment.FormOf(e), answers)
			if err != nil {
				return err
			}
			before, now, changed := enrolment.FormOf(e), clock.Real(), false
			for _, g := range enrolment.Groups(p, e.Role) {
				if !slices.ContainsFunc(g.Inputs, func(input string) bool { return named[input] }) {
					continue
				}
				did, err := e.Correct(p, g, f, now)
				if err != nil {
					return said(err)
				}
				changed = changed || did
				for _, input := range g.Inputs {
					delete(named, input)
				}
			}
			if len(named) > 0 {
				return fmt.Errorf("%s cannot be corrected here: see --help for what can", strings.Join(slices.Sorted(maps.Keys(named)), ", "))
			}
			if !changed {
				fmt.Fprintln(cmd.OutOrStdout(), "They had answered that already.")
				return nil
			}
			commit := db.Commit()
			commit.UpdateEnrolment(p.ID, e)
			if err := commit.Do(ctx); err != nil {
				return err
			}
			words, after := held.Words{Programme: p, Role: e.Role}, enrolment.FormOf(e)
			for _, g := range enrolment.Groups(p, e.Role) {
				for _, input := range g.Inputs {
					if is, becomes := words.Text(input, before.Answer(input)), words.Text(input, after.Answer(input)); is != becomes {
						fmt.Fprintf(cmd.OutOrStdout(), "%s: %s, before: %s\n", input, becomes, is)
					}
				}
			}
			return nil
		},
	}
	w.flags(c)
	c.Flags().StringVar(&side, "role", "", "client or consultant, where they take part as both")
	c.Flags().StringVar(&answers, "answers", "", "what they answer, as JSON")
	_ = c.MarkFlagRequired("answers")
	return c
}

func leavePersonCommand() *cobra.Command {
	var w whom
	var side string
	c := &cobra.Command{
		Use: "leave", Short: "Have somebody leave the programme", Args: cobra.NoArgs,
		Long: "Have somebody leave who takes part, as they asked. Their matches that are out are declined and their pairings stopped, of which the others\n" +
			"are told, and nothing of why. What is held about them stays until its own date, or until they have it erased.",
		Example: "  cascade person leave --programme north --email alex@example.org --reason 'They rang on 3 March'",
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			db, err := open(ctx)
			if err != nil {
				return err
			}
			defer db.Close()
			p, who, err := w.find(ctx, db, "had somebody leave")
			if err != nil {
				return err
			}
			leavers := slices.DeleteFunc(slices.Clone(who.Enrolments), func(e *enrolment.Enrolment) bool { return e.State == enrolment.Withdrawn })
			if side != "" {
				e, err := inRole(who, side)
				if err != nil {
					return err
				}
				leavers = slices.DeleteFunc(leavers, func(other *enrolment.Enrolment) bool { return other != e })
			}
			if len(leavers) == 0 {
				fmt.Fprintln(cmd.OutOrStdout(), "They have left already.")
				return nil
			}
			ch := &changes.Change{Store: db, Commit: db.Commit(), Programme: p, Now: clock.Real()}
			if err := ch.Leave(ctx, leavers...); err != nil {
				return err
			}
			ch.Enqueue(ctx, message.HasLeft(p, leavers[0], ch.Now), ch.Now)
			if err := ch.Do(ctx); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), "They have left, and hear of it by email.")
			return nil
		},
	}
	w.flags(c)
	c.Flags().StringVar(&side, "role", "", "client or consultant, where they leave one of both")
	return c
}

// inRole is somebody's enrolment in the role that is named, or the one that they have.
func inRole(who *store.Person, named string) (*enrolment.Enrolment, error) {
	if named == "" && len(who.Enrolments) == 1 {
		return who.Enrolments[0], nil
	}
	if named == "" {
		return nil, errors.New("they take part as client and as consultant: say as which with --role")
	}
	for _, e := range who.Enrolments {
		if e.Role == programme.Role(named) {
			return e, nil
		}
	}
	return nil, fmt.Errorf("they do not take part as %q: it can be client or consultant", named)
}

// overlay is a form with some answers in the place of those that were there, and which these
// are.
func overlay(f enrolment.Form, answers string) (enrolment.Form, map[string]bool, error) {
	var each map[string]json.RawMessage
	if err := json.Unmarshal([]byte(answers), &each); err != nil {
		return f, nil, fmt.Errorf("answers are no JSON object such as {\"phone\": \"020 7946 0123\"}: %w", err)
	}
	named := map[string]bool{}
	for name := range each {
		named[name] = true
	}
	if named["skills"] { // all of them, and none of before
		f.Skills = nil
	}
	in := json.NewDecoder(bytes.NewReader([]byte(answers)))
	in.DisallowUnknownFields()
	if err := in.Decode(&f); err != nil {
		return f, nil, fmt.Errorf("answers: %w", err)
	}
	return f, named, nil
}

// said is an error about a form, with each answer that is not taken.
func said(err error) error {
	var invalid *fault.Invalid
	if !errors.As(err, &invalid) {
		return err
	}
	var all []string
	for _, f := range invalid.Fields {
		all = append(all, f.Name+": "+f.Message)
	}
	return errors.New(strings.Join(all, "; "))
}
