package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/localissuer"
	"github.com/cascading-leadership/cascade/shared/text"
)

func invokeCommand() *cobra.Command {
	var key, token string
	c := &cobra.Command{
		Use: "invoke FUNCTION EVENT", Short: "Post an event from a file to a function", Args: cobra.ExactArgs(2),
		Long: "Post the CloudEvent in a file to the function at an address, as a schedule or Firestore's trigger would, and say what it answered.\n" +
			"scripts/events has one for each schedule and trigger: replace the ids of a document by those of one of yours. - reads standard input.\n" +
			"Sending one twice is safe: an event only wakes a function, which then reads what is there.\n\n" +
			"A function takes events of those alone whom it trusts. Beside `./scripts/up` and `up emulator` the event is signed by the key that these\n" +
			"keep. Elsewhere --token is a file with a token of somebody whom the function trusts, or - for standard input.",
		Example: "  cascade invoke http://127.0.0.1:8085 scripts/events/reminders-tick.json\n" +
			"  sed s/PAIRING/x/ scripts/events/pairing-written.json | cascade invoke http://127.0.0.1:8085 -",
		RunE: func(cmd *cobra.Command, args []string) error {
			sign, err := signer(key, token, args[1], cmd.InOrStdin())
			if err != nil {
				return err
			}
			event, err := readEvent(args[1], cmd.InOrStdin())
			if err != nil {
				return err
			}
			answer, err := deliver(cmd.Context(), text.Tidy(args[0]), event, sign)
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), answer)
			return nil
		},
	}
	c.Flags().StringVar(&key, "key", filepath.Join(".cascade", "issuer.key"), "file with the local issuer's key")
	c.Flags().StringVar(&token, "token", "", "file with a token to present, in place of one that is signed by that key")
	return c
}

// signer is how an event is made that of somebody whom the function trusts: by a token from
// a file, by the local issuer's key where there is one, and else not at all.
func signer(key, token, event string, in io.Reader) (func(http.Header), error) {
	if token == "" {
		if _, err := os.Stat(key); errors.Is(err, fs.ErrNotExist) {
			return func(http.Header) {}, nil
		}
		issuer, err := localissuer.Open(key)
		if err != nil {
			return nil, err
		}
		return func(h http.Header) { issuer.Sign(h, localissuer.ByHand) }, nil
	}
	if token == "-" && event == "-" {
		return nil, errors.New("the event and the token cannot both come from standard input")
	}
	given, err := readText(token, in)
	if err != nil {
		return nil, err
	}
	return func(h http.Header) { h.Set("Authorization", "Bearer "+strings.TrimSpace(string(given))) }, nil
}

// readText is what a file holds; - is standard input.
func readText(file string, in io.Reader) ([]byte, error) {
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	read, err := text.File(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return read, nil
}

// readEvent is the CloudEvent in a file, in the JSON form of CloudEvents 1.0.
func readEvent(file string, in io.Reader) ([]byte, error) {
	event, err := readText(file, in)
	if err != nil {
		return nil, err
	}
	var e cloudevents.Event
	if err := json.Unmarshal(event, &e); err != nil {
		return nil, fmt.Errorf("%s is not a CloudEvent in JSON: %w", file, err)
	}
	if err := e.Validate(); err != nil {
		return nil, fmt.Errorf("%s is not a CloudEvent: %s", file, strings.TrimSpace(err.Error()))
	}
	return event, nil
}

// deliver sends an event to a function and says what it answered: a finding where the
// event was not accepted, so that it would be delivered again.
func deliver(ctx context.Context, function string, event []byte, sign func(http.Header)) (string, error) {
	if u, err := url.Parse(function); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", fmt.Errorf("%q is not the address of a function: write it like http://127.0.0.1:8085", function)
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute) // a matching run may take that long
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(function, "/")+cloudevent.Path, bytes.NewReader(event))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", cloudevents.ApplicationCloudEventsJSON)
	sign(request.Header)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", fmt.Errorf("the function does not answer: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusUnauthorized {
		return "", finding{errors.New("the function answered 401 Unauthorized: it does not trust who delivers this, see CASCADE_EVENTS_FROM, --key and --token")}
	}
	if response.StatusCode != http.StatusOK {
		return "", finding{fmt.Errorf("the function answered %s: its log says why", response.Status)}
	}
	return "handled", nil
}
