#!/bin/sh
# Puts the certificate and the key of a build agent from variables into files of mode 0600, and makes kubectl and the AWS CLI use them.
# The pipelines beside this file run it. The files are removed when the caller runs: rm -rf "$EKS_X509_FOLDER"
#
# Variables, from the secret store and the pipeline:
#   AGENT_CERTIFICATE, AGENT_KEY    PEM; the certificate with its intermediates
#   TRUST_ANCHOR_ARN, PROFILE_ARN, ROLE_ARN
#   CLUSTER_NAME, CLUSTER_REGION
#   ASSUME_ROLE_ARN, EXTERNAL_ID    optional: a role in another account
#   EKS_X509_FOLDER                 a folder of this job
set -eu
umask 077
mkdir -p "$EKS_X509_FOLDER"
printf '%s\n' "$AGENT_CERTIFICATE" > "$EKS_X509_FOLDER/agent.pem"
printf '%s\n' "$AGENT_KEY" > "$EKS_X509_FOLDER/agent.key"
export KUBECONFIG="$EKS_X509_FOLDER/kubeconfig" AWS_CONFIG_FILE="$EKS_X509_FOLDER/aws-config"

set -- \
  --certificate="$EKS_X509_FOLDER/agent.pem" --private-key="$EKS_X509_FOLDER/agent.key" \
  --trust-anchor-arn="$TRUST_ANCHOR_ARN" --profile-arn="$PROFILE_ARN" --role-arn="$ROLE_ARN"
if [ -n "${ASSUME_ROLE_ARN:-}" ]; then set -- "$@" --assume-role-arn="$ASSUME_ROLE_ARN"; fi
if [ -n "${EXTERNAL_ID:-}" ]; then set -- "$@" --external-id="$EXTERNAL_ID"; fi

eks-x509 update-kubeconfig --name "$CLUSTER_NAME" --region "$CLUSTER_REGION" "$@"
eks-x509 update-aws-config --profile default --region "$CLUSTER_REGION" "$@"
