"""Debian's python3-kubernetes against the cluster of $KUBECONFIG: the typed and the dynamic client."""

import json
import unittest

from kubernetes import client, config, dynamic, watch
from kubernetes.client.rest import ApiException

NAMESPACE = "default"
POD_SPEC = {"containers": [{"name": "main", "image": "web:1"}], "terminationGracePeriodSeconds": 0}


def names(found):
    return [item.metadata.name for item in found.items]


class Typed(unittest.TestCase):
    def setUp(self):
        self.core = client.CoreV1Api()

    def create(self, name, labels, **data):
        body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels=labels), data=data)
        return self.core.create_namespaced_config_map(NAMESPACE, body)

    def test_create_list_patch_delete(self):
        created = self.create("typed-a", {"set": "one"}, color="blue")
        self.assertIsNotNone(created.metadata.creation_timestamp.tzinfo)
        self.create("typed-b", {"set": "two"})
        listed = self.core.list_namespaced_config_map
        self.assertEqual(names(listed(NAMESPACE, label_selector="set in (one,two)")), ["typed-a", "typed-b"])
        self.assertEqual(names(listed(NAMESPACE, label_selector="set=two")), ["typed-b"])
        self.assertEqual(names(listed(NAMESPACE, field_selector="metadata.name=typed-a")), ["typed-a"])
        page = listed(NAMESPACE, label_selector="set", limit=1)
        rest = listed(NAMESPACE, label_selector="set", limit=1, _continue=page.metadata._continue)
        self.assertEqual(names(page) + names(rest), ["typed-a", "typed-b"])

        # This client tells a JSON patch from a strategic merge by its type alone.
        patch = self.core.patch_namespaced_config_map
        self.assertEqual(patch("typed-a", NAMESPACE, {"data": {"size": "3"}}).data, {"color": "blue", "size": "3"})
        operations = [{"op": "remove", "path": "/data/color"}]
        self.assertEqual(patch("typed-a", NAMESPACE, operations).data, {"size": "3"})

        self.core.delete_namespaced_config_map("typed-a", NAMESPACE)
        self.core.delete_collection_namespaced_config_map(NAMESPACE, label_selector="set=two")
        self.assertEqual(names(listed(NAMESPACE, label_selector="set")), [])

    def test_errors(self):
        with self.assertRaises(ApiException) as caught:
            self.core.read_namespaced_config_map("nobody", NAMESPACE)
        self.assertEqual((caught.exception.status, caught.exception.reason), (404, "Not Found"))
        self.assertIn('configmaps \\"nobody\\" not found', caught.exception.body)

    def test_watch_and_logs(self):
        pod = {"metadata": {"name": "typed"}, "spec": POD_SPEC}
        self.core.create_namespaced_pod(NAMESPACE, pod)
        stream = watch.Watch()
        by_name = {"namespace": NAMESPACE, "field_selector": "metadata.name=typed", "timeout_seconds": 20}
        for event in stream.stream(self.core.list_namespaced_pod, **by_name):
            if event["object"].status.phase == "Running":
                break
        self.assertEqual(self.core.read_namespaced_pod_log("typed", NAMESPACE), "main runs on core-01\n")

        self.core.delete_namespaced_pod("typed", NAMESPACE)
        ends = stream.stream(self.core.list_namespaced_pod, **by_name, resource_version=stream.resource_version)
        self.assertIn("DELETED", (event["type"] for event in ends))


class Dynamic(unittest.TestCase):
    def setUp(self):
        self.client = dynamic.DynamicClient(client.ApiClient())

    def test_discovery(self):
        kinds = {resource.kind for resource in self.client.resources.search(api_version="v1") if resource.group == ""}
        self.assertLessEqual({"Pod", "Node", "Service", "ReplicationController"}, kinds)
        leases = self.client.resources.get(api_version="coordination.k8s.io/v1", kind="Lease")
        self.assertEqual((leases.name, leases.namespaced), ("leases", True))

    def test_round(self):
        services = self.client.resources.get(api_version="v1", kind="Service")
        body = {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "dynamic", "labels": {"client": "dynamic"}},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
        }
        created = services.create(body=body, namespace=NAMESPACE)
        self.assertEqual(created.spec.ports[0].targetPort, 80)
        self.assertEqual(names(services.get(namespace=NAMESPACE, label_selector="client=dynamic")), ["dynamic"])

        patch = {"metadata": {"name": "dynamic"}, "spec": {"ports": [{"port": 80, "name": "http"}]}}
        for content_type in ("application/merge-patch+json", "application/strategic-merge-patch+json"):
            patched = services.patch(body=patch, namespace=NAMESPACE, content_type=content_type)
            self.assertEqual(patched.spec.ports[0].name, "http")
        body["spec"]["selector"] = {"app": "store"}
        applied = self.client.server_side_apply(
            services,
            # A dictionary it would not send under the type of an apply.
            body=json.dumps(body),
            name="dynamic",
            namespace=NAMESPACE,
            field_manager="python",
            force_conflicts=True,
        )
        self.assertEqual(applied.spec.selector.app, "store")

        services.delete(name="dynamic", namespace=NAMESPACE)
        events = services.watch(namespace=NAMESPACE, resource_version=created.metadata.resourceVersion, timeout=20)
        self.assertIn("DELETED", (event["type"] for event in events))
        with self.assertRaises(dynamic.exceptions.NotFoundError):
            services.get(name="dynamic", namespace=NAMESPACE)


if __name__ == "__main__":
    config.load_kube_config()
    unittest.main()
