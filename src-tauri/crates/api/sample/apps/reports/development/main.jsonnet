local job = import '../../../lib/job.libsonnet';

job.scheduled(
  name='reports',
  schedule='0 6 * * *',
  image='reports:1.22.0',
  settings={
    recipients: 'nobody@tidewater.example',
    currency: 'EUR',
  },
)
