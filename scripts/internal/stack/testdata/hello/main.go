// Command hello is the least that a function is: the Functions Framework and an
// open Firestore client. What a function of Cascade adds is measured against it.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	"cloud.google.com/go/firestore"
	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"
	"github.com/GoogleCloudPlatform/functions-framework-go/functions"
)

func main() {
	db, err := firestore.NewClient(context.Background(), os.Getenv("GOOGLE_CLOUD_PROJECT"))
	if err != nil {
		log.Fatal(err)
	}
	functions.HTTP("hello", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/read" {
			if _, err := db.Collection("programmes").Documents(r.Context()).GetAll(); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
		}
		fmt.Fprintln(w, "hello")
	})
	log.Fatal(funcframework.StartHostPort("127.0.0.1", os.Getenv("PORT")))
}
