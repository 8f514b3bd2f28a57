local job = import '../../../lib/job.libsonnet';

job.scheduled(
  name='reports',
  schedule='0 5 * * *',
  image='reports:1.22.0',
  settings={
    recipients: 'quality@tidewater.example',
    currency: 'EUR',
  },
)
