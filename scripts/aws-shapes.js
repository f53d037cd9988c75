// Writes src/sandbox/aws/api/models.json: the input shapes and the routes of the calls that the sandbox plays for an administrator.
// They come from the AWS CLI's own service models (botocore, Apache-2.0). Run it when a call is added:
//   node scripts/aws-shapes.js BOTOCORE_DATA_FOLDER
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { format } from "prettier";

const target = join(import.meta.dirname, "../src/sandbox/aws/api/models.json");

/** All operations where there is no list. */
const services = {
  rolesanywhere: undefined,
  iam: `CreateRole GetRole ListRoles UpdateRole DeleteRole UpdateAssumeRolePolicy PutRolePolicy GetRolePolicy ListRolePolicies
    DeleteRolePolicy AttachRolePolicy DetachRolePolicy ListAttachedRolePolicies TagRole UntagRole ListRoleTags
    ListInstanceProfilesForRole`,
  eks: `ListClusters DescribeCluster CreateAccessEntry DescribeAccessEntry ListAccessEntries UpdateAccessEntry DeleteAccessEntry
    AssociateAccessPolicy DisassociateAccessPolicy ListAssociatedAccessPolicies ListAccessPolicies`,
  "acm-pca": `CreateCertificateAuthority DescribeCertificateAuthority ListCertificateAuthorities GetCertificateAuthorityCsr
    IssueCertificate GetCertificate ImportCertificateAuthorityCertificate GetCertificateAuthorityCertificate
    UpdateCertificateAuthority DeleteCertificateAuthority RestoreCertificateAuthority`,
};

const [folder] = process.argv.slice(2);
const models = Object.fromEntries(
  Object.entries(services).map(([service, names]) => [service, model(service, names?.split(/\s+/))]),
);
writeFileSync(target, await format(JSON.stringify(models), { parser: "json", printWidth: 130 }));

function model(service, names) {
  const { metadata, operations, shapes } = read(service);
  const wanted = Object.entries(operations).filter(([name]) => !names || names.includes(name));
  const used = {};
  const described = wanted.map(([name, { http, input }]) => {
    if (input) collect(input.shape, shapes, used);
    return [
      name,
      { method: http.method, uri: http.requestUri, status: http.responseCode, input: input?.shape },
    ];
  });
  return { version: metadata.apiVersion, operations: Object.fromEntries(described), shapes: used };
}

function read(service) {
  const version = readdirSync(join(folder, service)).sort().at(-1);
  const file = join(folder, service, version, "service-2.json");
  return JSON.parse(existsSync(file) ? readFileSync(file) : gunzipSync(readFileSync(`${file}.gz`)));
}

function collect(name, shapes, used) {
  if (name in used) return;
  const {
    type,
    required,
    members,
    member,
    key,
    value,
    min,
    max,
    pattern,
    enum: values,
    flattened,
  } = shapes[name];
  used[name] = {
    type,
    required,
    members:
      members &&
      Object.fromEntries(
        Object.entries(members).map(([each, { shape, location, locationName }]) => [
          each,
          { shape, location, locationName },
        ]),
      ),
    member: member?.shape,
    key: key?.shape,
    value: value?.shape,
    min,
    max,
    pattern,
    enum: values,
    flattened,
  };
  const inner = [...Object.values(members ?? {}), member, key, value].filter(Boolean);
  for (const each of inner) collect(each.shape, shapes, used);
}
