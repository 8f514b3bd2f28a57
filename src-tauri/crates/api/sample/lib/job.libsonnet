// A program that runs on a schedule, with its settings.
{
  scheduled(name, schedule, image, settings={}):: [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: name },
      data: settings,
    },
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: name, labels: { 'app.kubernetes.io/name': name } },
      spec: {
        schedule: schedule,
        concurrencyPolicy: 'Forbid',
        jobTemplate: {
          spec: {
            template: {
              metadata: { labels: { 'app.kubernetes.io/name': name } },
              spec: {
                restartPolicy: 'OnFailure',
                containers: [{
                  name: name,
                  image: 'registry.tidewater.example/' + image,
                  envFrom: [{ configMapRef: { name: name } }],
                }],
              },
            },
          },
        },
      },
    },
  ],
}
