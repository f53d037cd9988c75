"""Lists namespaces and creates one with the Python client, as the arguments say (`list create` without any): a line of JSON for each step."""

import json
import logging
import sys
from importlib.metadata import version

from kubernetes import client, config
from kubernetes.client.exceptions import ApiException


def take(core, step):
    try:
        if step == "create":
            metadata = client.V1ObjectMeta(name="forbidden")
            core.create_namespace(client.V1Namespace(metadata=metadata))
            return {"code": 201}
        items = core.list_namespace().items
        return {"code": 200, "namespaces": [item.metadata.name for item in items]}
    except ApiException as error:
        body = json.loads(error.body or "{}")
        return {
            "code": error.status,
            "forbidden": error.status == 403 and body.get("reason") == "Forbidden",
            "message": body.get("message") or error.reason,
        }
    except Exception as error:  # no answer: refused connections, certificates that are not trusted
        return {"code": 0, "message": str(error)}


def main():
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR)
    print(json.dumps({"client": "kubernetes " + version("kubernetes")}), flush=True)
    config.load_kube_config()
    core = client.CoreV1Api()
    for step in sys.argv[1:] or ["list", "create"]:
        print(json.dumps({"step": step, **take(core, step)}), flush=True)


main()
