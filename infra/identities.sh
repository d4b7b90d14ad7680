#!/usr/bin/env bash
# Written by scripts/build --manifests from the list of functions; change scripts/internal/manifests instead.
# Gives each function, by the identity of its own, the databases that it works on, and no other:
#
#   infra/identities.sh PROJECT NUMBER [NAMESPACE]
#
# PROJECT is the Google Cloud project and NUMBER its number. It is for clusters whose service
# accounts Google knows by workload identity federation, as GKE's; see docs/deploy.md.
set -euo pipefail
project=$1 number=$2 namespace=${3:-cascade}
answers=${FIRESTORE_ANSWERS_DATABASE:-answers} people=${FIRESTORE_DATABASE:-(default)}

may() {
  gcloud projects add-iam-policy-binding "$project" --role roles/datastore.user \
    --member "principal://iam.googleapis.com/projects/$number/locations/global/workloadIdentityPools/$project.svc.id.goog/subject/ns/$namespace/sa/$1" \
    --condition "title=cascade-$1,expression=resource.name == \"projects/$project/databases/$2\""
}

may enrolment "$people"
may participant "$people"
may questionnaires "$people"
may questionnaires "$answers"
may desk "$people"
may evaluation "$answers"
may matching "$people"
may reminders "$people"
may outbox "$people"
