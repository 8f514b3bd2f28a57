local job = import '../../../lib/job.libsonnet';

job.scheduled(
  name='reports',
  schedule='0 4 * * *',
  image='reports:1.22.0',
  settings={
    recipients: 'finance@tidewater.example',
    currency: 'EUR',
  },
)
