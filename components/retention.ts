import type * as pulumi from "@pulumi/pulumi";

/** What a component's own resources have to be told of `retainOnDelete`: they do not inherit it. */
export function retention(opts: pulumi.ResourceOptions | undefined): Pick<pulumi.ResourceOptions, "retainOnDelete"> {
    return opts?.retainOnDelete === undefined ? {} : { retainOnDelete: opts.retainOnDelete };
}
