/** What a new VM begins with: small, and without errors. */
export const newMachine = (namespace: string): string => `apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: my-vm
  namespace: ${namespace}
spec:
  runStrategy: Halted
  template:
    spec:
      domain:
        cpu:
          cores: 1
        memory:
          guest: 1Gi
        devices:
          disks:
          - name: root
            disk:
              bus: virtio
          interfaces:
          - name: default
            masquerade: {}
          rng: {}
      networks:
      - name: default
        pod: {}
      volumes:
      - name: root
        containerDisk:
          image: quay.io/containerdisks/debian:13
`;
