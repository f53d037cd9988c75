"""GetCallerIdentity with boto3: prints its version and the ARN."""
import json
import boto3

print(json.dumps({"client": f"boto3 {boto3.__version__}", "arn": boto3.client("sts").get_caller_identity()["Arn"]}))
