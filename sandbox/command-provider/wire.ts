import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { DiffResponse, PropertyDiff } from "@pulumi/pulumi/proto/provider_pb";
import { type Difference } from "./resource";
import { type ValueMap } from "./values";

export function values(struct: Struct | undefined): ValueMap {
    return struct?.toJavaScript() ?? {};
}

export function struct(map: ValueMap): Struct {
    return Struct.fromJavaScript(map);
}

const KINDS = {
    add: [PropertyDiff.Kind.ADD, PropertyDiff.Kind.ADD_REPLACE],
    delete: [PropertyDiff.Kind.DELETE, PropertyDiff.Kind.DELETE_REPLACE],
    update: [PropertyDiff.Kind.UPDATE, PropertyDiff.Kind.UPDATE_REPLACE],
} as const;

export function diffResponse(found: Map<string, Difference>): DiffResponse {
    const response = new DiffResponse().setHasdetaileddiff(true);
    const { DIFF_SOME, DIFF_NONE } = DiffResponse.DiffChanges;
    response.setChanges(found.size > 0 ? DIFF_SOME : DIFF_NONE);
    for (const [path, { kind, replace }] of found) {
        response.getDetaileddiffMap().set(path, new PropertyDiff().setKind(KINDS[kind][replace ? 1 : 0]));
    }
    const heads = (paths: string[]) => [...new Set(paths.map((path) => path.split(/[.[]/)[0] ?? path))];
    response.setDiffsList(heads([...found.keys()]));
    response.setReplacesList(heads([...found].filter(([, { replace }]) => replace).map(([path]) => path)));
    return response;
}
