export declare function bundle(options: { readonly outdir: string; readonly force?: boolean }): Promise<void>;
