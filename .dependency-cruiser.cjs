/** The direction of imports, as docs/architecture.md draws it. */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^(infra|functions|layers|local|cli|client|bench|test)/', pathNot: allowed },
});
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    only('contracts-import-nothing', '^layers/contracts/', '^layers/contracts/'),
    only('platform-imports-contracts', '^layers/platform/', '^layers/(platform|contracts)/'),
    only('imaging-imports-contracts', '^layers/imaging/', '^layers/(imaging|contracts)/'),
    only('selection-imports-contracts', '^layers/selection/', '^layers/(selection|contracts)/'),
    only('formats-imports-contracts', '^layers/formats/', '^layers/(formats|contracts)/'),
    only('report-imports-contracts', '^layers/report/', '^layers/(report|contracts)/'),
    only(
      'worker-imports-the-core',
      '^layers/worker/',
      '^layers/(worker|report|selection|imaging|platform|contracts)/',
    ),
    only('aws-implements-platform-ports', '^layers/aws/', '^layers/(aws|platform|contracts)/'),
    only('stores-implement-platform-ports', '^layers/stores/', '^layers/(stores|aws|platform|contracts)/'),
    only('runtime-is-below-the-domain', '^layers/runtime/', '^layers/(runtime|contracts)/'),
    {
      name: 'functions-do-not-import-each-other',
      severity: 'error',
      from: { path: '^functions/([^/]+)/' },
      to: { path: '^functions/', pathNot: '^functions/$1/' },
    },
    only('functions-import-layers', '^functions/', '^(functions|layers)/'),
    only('client-stands-alone', '^client/(?!protocol[.]ts$)', '^client/'),
    only('client-imports-types-of-the-protocol', '^client/protocol[.]ts$', '^layers/contracts/protocol/'),
    only('infra-imports-contracts', '^infra/', '^(infra|layers/contracts)/'),
    {
      name: 'no-aws-in-the-core',
      severity: 'error',
      from: { path: '^layers/(contracts|platform|imaging|selection|formats|report|worker)/' },
      to: { path: 'node_modules/(@aws-sdk|@aws-lambda-powertools|@middy|aws-cdk-lib)' },
    },
    {
      name: 'functions-reach-aws-through-its-layer',
      severity: 'error',
      from: { path: '^functions/' },
      to: { path: 'node_modules/@aws-sdk' },
    },
    {
      name: 'no-dev-dependency-in-what-is-deployed',
      severity: 'error',
      from: { path: '^(functions|layers)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], pathNot: 'node_modules/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js'],
    },
  },
};
